SELECT {key} AS key, count(*) AS orders_placed, count(*) FILTER (WHERE is_paid) AS orders_paid,
       coalesce(sum(paid_amount) FILTER (WHERE is_paid), 0) AS paid_amount,
       count(*) FILTER (WHERE is_completed) AS orders_completed,
       count(*) FILTER (WHERE is_paid) / nullif(count(*), 0) AS pay_rate,
       count(*) FILTER (WHERE is_paid AND old) / nullif(count(*) FILTER (WHERE old), 0) AS pay_rate_matured,
       count(*) FILTER (WHERE NOT old) AS pay_rate_pending,
       sum(paid_amount) FILTER (WHERE is_paid) / nullif(count(*) FILTER (WHERE is_paid), 0)
         AS average_order_value
FROM (SELECT *, date_diff('second', placed_at, coalesce(as_of, :orders_as_of)) >= :pay
                AND NOT coalesce(deposit_pending, false) AS old FROM orders
      WHERE placed_at >= :start AND placed_at < :end)
{group}
