WITH timed AS (
  SELECT coalesce(province, 'unknown') AS province, is_shipped, signed_at, is_transit, is_returned,
         nullif(greatest(date_diff('second', paid_at, shipped_at), -1), -1) AS pay_to_ship,
         nullif(greatest(date_diff('second', shipped_at, picked_up_at), -1), -1) AS ship_to_pickup,
         nullif(greatest(date_diff('second', picked_up_at, signed_at), -1), -1) AS pickup_to_sign,
         nullif(greatest(date_diff('second', shipped_at, signed_at), -1), -1) AS ship_to_sign,
         date_diff('second', paid_at, shipped_at) AS took,
         date_diff('second', paid_at, coalesce(as_of, :orders_as_of)) AS age,
         coalesce(date_diff('second', paid_at, promised_ship_at), 172800) AS promise,
         CASE WHEN is_refunded THEN date_diff('second', paid_at, refund_applied_at) END AS refund,
         coalesce(shipped_at IS NULL AND (is_shipped OR is_closed AND refund_applied_at IS NULL), false)
           AS blurred,
         coalesce(is_presale, false) AS is_presale,
         is_shipped AND (parcels_tracked > 0 OR picked_up_at IS NOT NULL) AS is_tracked,
         date_diff('second', shipped_at, :parcels_as_of) AS on_way,
         date_diff('second', paid_at, :aftersales_as_of) >= :return AS old
  FROM orders WHERE is_paid AND paid_at >= :start AND paid_at < :end),
judged AS (
  SELECT *, NOT blurred AND NOT is_presale
              AND NOT coalesce(refund <= 172800 AND (took IS NULL OR took > refund), false) AS counts_48h,
         NOT blurred AND NOT coalesce(refund <= promise AND (took IS NULL OR took > refund), false)
           AS counts_promise
  FROM timed)
SELECT province AS key, count(*) AS orders_paid, count(*) FILTER (WHERE is_shipped) AS orders_shipped,
       count(signed_at) AS orders_signed,
       count(*) FILTER (WHERE is_shipped AND is_transit) AS orders_transit, avg(pay_to_ship) / 3600 AS pay_to_ship_hours_mean, quantile_cont(pay_to_ship, 0.5) / 3600 AS pay_to_ship_hours_p50, quantile_cont(pay_to_ship, 0.9) / 3600 AS pay_to_ship_hours_p90, count(pay_to_ship) AS pay_to_ship_hours_n, avg(ship_to_pickup) / 3600 AS ship_to_pickup_hours_mean, quantile_cont(ship_to_pickup, 0.5) / 3600 AS ship_to_pickup_hours_p50, quantile_cont(ship_to_pickup, 0.9) / 3600 AS ship_to_pickup_hours_p90, count(ship_to_pickup) AS ship_to_pickup_hours_n, avg(pickup_to_sign) / 3600 AS pickup_to_sign_hours_mean, quantile_cont(pickup_to_sign, 0.5) / 3600 AS pickup_to_sign_hours_p50, quantile_cont(pickup_to_sign, 0.9) / 3600 AS pickup_to_sign_hours_p90, count(pickup_to_sign) AS pickup_to_sign_hours_n, avg(ship_to_sign) / 3600 AS ship_to_sign_hours_mean, quantile_cont(ship_to_sign, 0.5) / 3600 AS ship_to_sign_hours_p50, quantile_cont(ship_to_sign, 0.9) / 3600 AS ship_to_sign_hours_p90, count(ship_to_sign) AS ship_to_sign_hours_n,
       count(*) FILTER (WHERE counts_48h AND age >= 172800 AND took <= 172800) AS orders_shipped_48h,
       count(*) FILTER (WHERE counts_48h AND age >= 172800) AS orders_due_48h,
       count(*) FILTER (WHERE counts_48h AND age < 172800) AS ship_48h_rate_pending,
       count(*) FILTER (WHERE counts_promise AND age >= promise AND took <= promise)
         AS orders_shipped_promise,
       count(*) FILTER (WHERE counts_promise AND age >= promise) AS orders_due_promise,
       count(*) FILTER (WHERE counts_promise AND age < promise) AS ship_promise_rate_pending,
       count(*) FILTER (WHERE is_tracked AND on_way >= 86400 AND ship_to_pickup <= 86400)
         AS orders_picked_up_24h,
       count(*) FILTER (WHERE is_tracked AND on_way >= 86400) AS orders_due_pickup,
       count(*) FILTER (WHERE is_tracked AND on_way < 86400) AS pickup_24h_rate_pending,
       count(*) FILTER (WHERE is_returned) AS orders_returned,
       count(*) FILTER (WHERE is_returned AND old) / nullif(count(*) FILTER (WHERE old), 0)
         AS return_rate_matured,
       count(*) FILTER (WHERE NOT old) AS return_rate_pending
FROM judged GROUP BY GROUPING SETS ((province), ())
