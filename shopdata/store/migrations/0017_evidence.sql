CREATE TABLE evidence (
  id INTEGER NOT NULL,
  case_id INTEGER NOT NULL,
  file_name VARCHAR,
  kind VARCHAR NOT NULL,
  size BIGINT NOT NULL,
  sha256 VARCHAR NOT NULL,
  given_sha256 VARCHAR NOT NULL,
  item VARCHAR,
  note VARCHAR,
  added_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  added_by VARCHAR,
  removed_at TIMESTAMP WITHOUT TIME ZONE,
  removed_by VARCHAR
)
;
CREATE TABLE case_claims (
  case_id INTEGER NOT NULL,
  kind VARCHAR NOT NULL,
  return_waybill VARCHAR,
  inspection VARCHAR,
  appealed_on DATE,
  marked_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  marked_by VARCHAR,
  changed_at TIMESTAMP WITHOUT TIME ZONE NOT NULL,
  withdrawn_at TIMESTAMP WITHOUT TIME ZONE,
  withdrawn_by VARCHAR
)
;
CREATE TABLE case_rows (
  case_id INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  sheet VARCHAR,
  "row" INTEGER NOT NULL,
  headers VARCHAR NOT NULL,
  cells VARCHAR NOT NULL
)
