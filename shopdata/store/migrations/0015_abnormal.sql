CREATE TABLE abnormal_hits (
  shop_id INTEGER NOT NULL,
  rule VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  order_id VARCHAR,
  line_id VARCHAR,
  dated_at TIMESTAMP WITHOUT TIME ZONE,
  since TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  high_from TIMESTAMP WITHOUT TIME ZONE,
  until TIMESTAMP WITHOUT TIME ZONE,
  past_from TIMESTAMP WITHOUT TIME ZONE,
  deadline_at TIMESTAMP WITHOUT TIME ZONE,
  counted_from TIMESTAMP WITHOUT TIME ZONE,
  measure DOUBLE,
  limit_value DOUBLE,
  amount BIGINT,
  evidence VARCHAR,
  as_of TIMESTAMP WITHOUT TIME ZONE,
  version INTEGER,
  found_at TIMESTAMP WITHOUT TIME ZONE,
  found_import INTEGER,
  gone_at TIMESTAMP WITHOUT TIME ZONE,
  gone_import INTEGER
)
;
CREATE TABLE abnormal_due (
  shop_id INTEGER NOT NULL,
  order_id VARCHAR
)
;
INSERT INTO abnormal_due SELECT id, NULL FROM shops
;
CREATE TABLE abnormal_limits (
  shop_id INTEGER NOT NULL,
  rule VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  "value" DOUBLE,
  from_day DATE NOT NULL,
  "user" VARCHAR,
  "at" TIMESTAMP WITHOUT TIME ZONE NOT NULL
)
