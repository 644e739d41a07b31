WITH cohort AS (
  SELECT *, date_diff('second', placed_at, coalesce(as_of, :orders_as_of)) >= :pay
           AND NOT coalesce(deposit_pending, false) AS old FROM orders
  WHERE placed_at >= :start AND placed_at < :end),
parts AS (
  SELECT coalesce(l.source, 'unknown') AS key, l.order_id, sum(l.paid_amount) AS paid_amount,
         any_value(o.is_paid) AS is_paid, any_value(o.is_completed) AS is_completed, any_value(o.old) AS old
  FROM cohort o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.order_id AND l.counted
  GROUP BY ALL
  UNION ALL SELECT NULL, order_id, paid_amount, is_paid, is_completed, old FROM cohort)
SELECT key, count(*) AS orders_placed, count(*) FILTER (WHERE is_paid) AS orders_paid,
       coalesce(sum(paid_amount) FILTER (WHERE is_paid), 0) AS paid_amount,
       count(*) FILTER (WHERE is_completed) AS orders_completed,
       count(*) FILTER (WHERE is_paid) / nullif(count(*), 0) AS pay_rate,
       count(*) FILTER (WHERE is_paid AND old) / nullif(count(*) FILTER (WHERE old), 0) AS pay_rate_matured,
       count(*) FILTER (WHERE NOT old) AS pay_rate_pending,
       sum(paid_amount) FILTER (WHERE is_paid) / nullif(count(*) FILTER (WHERE is_paid), 0)
         AS average_order_value
FROM parts GROUP BY key
