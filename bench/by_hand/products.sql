WITH cohort AS (
  SELECT *, date_diff('second', paid_at, :aftersales_as_of) >= :refund AS old FROM orders
  WHERE is_paid AND paid_at >= :start AND paid_at < :end),
refunds AS (
  SELECT shop_id, line_id, sum(refund_amount) AS refund_amount FROM aftersales
  WHERE status = 'refunded' AND kind NOT IN ('exchange', 'resend', 'repair') GROUP BY ALL),
parts AS (
  SELECT coalesce(l.product_id, 'unknown') AS key, l.shop_id, l.order_id, sum(l.paid_amount) AS paid_amount,
         sum(coalesce(r.refund_amount, 0)) AS refund_amount, sum(l.quantity) AS units,
         any_value(o.is_refunded) AS is_refunded, any_value(o.old) AS old
  FROM cohort o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.order_id AND l.counted
  LEFT JOIN refunds r ON r.shop_id = l.shop_id AND r.line_id = l.line_id
  GROUP BY ALL
  UNION ALL SELECT NULL, shop_id, order_id, paid_amount, refund_amount, units, is_refunded, old FROM cohort)
SELECT key, count(*) AS orders_paid, sum(paid_amount) AS paid_amount, sum(refund_amount) AS refund_amount,
       sum(paid_amount) - sum(refund_amount) AS net_amount, sum(units) AS units_paid,
       sum(paid_amount) / nullif(sum(units), 0) AS amount_per_unit,
       sum(refund_amount) / nullif(sum(paid_amount), 0) AS refund_amount_rate,
       count(*) FILTER (WHERE is_refunded) / count(*) AS refund_rate,
       count(*) FILTER (WHERE is_refunded AND old) / nullif(count(*) FILTER (WHERE old), 0)
         AS refund_rate_matured,
       count(*) FILTER (WHERE NOT old) AS refund_rate_pending
FROM parts GROUP BY key
