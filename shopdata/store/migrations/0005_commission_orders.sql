ALTER TABLE commissions ADD COLUMN order_id VARCHAR
;
ALTER TABLE commissions_layers ADD COLUMN order_id VARCHAR
