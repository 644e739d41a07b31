WITH left_us AS (
  SELECT coalesce(is_refunded AND (shipped_at IS NULL AND NOT coalesce(is_shipped, false)
                                   OR coalesce(refund_applied_at < shipped_at, false)), false) AS unshipped,
         coalesce(NOT is_paid AND is_closed, false) AS unpaid, coalesce(is_shipped, false) AS shipped,
         cancel_reason, coalesce(is_closed, false) AS closed, coalesce(paid_amount, payable_amount, 0) AS amount
  FROM orders WHERE placed_at >= :start AND placed_at < :end)
SELECT unshipped, unpaid, shipped, cancel_reason, count(*) AS n, sum(amount) AS amount
FROM left_us WHERE closed OR unshipped GROUP BY ALL
