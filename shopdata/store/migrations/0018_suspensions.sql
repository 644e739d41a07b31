CREATE TABLE suspensions (
  id INTEGER NOT NULL,
  shop_id INTEGER NOT NULL,
  rules VARCHAR NOT NULL,
  province VARCHAR,
  courier VARCHAR,
  from_day DATE NOT NULL,
  to_day DATE NOT NULL,
  reason VARCHAR,
  "user" VARCHAR,
  "at" TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITHOUT TIME ZONE,
  ended_by VARCHAR
)
