CREATE TABLE closings (
  shop_id INTEGER NOT NULL,
  month DATE NOT NULL,
  closed_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  "user" VARCHAR
)
;
CREATE TABLE closed_orders (
  shop_id INTEGER NOT NULL,
  month DATE NOT NULL,
  paid_month DATE NOT NULL,
  order_id VARCHAR NOT NULL,
  paid_amount BIGINT,
  platform_subsidy BIGINT,
  influencer_subsidy BIGINT,
  refund_amount BIGINT,
  platform_fee BIGINT,
  commission_settled BIGINT,
  settled_amount BIGINT
)
