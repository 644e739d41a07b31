WITH told AS (
  SELECT coalesce(is_paid, false) AS paid, coalesce(is_shipped, false) AS shipped,
         coalesce(is_completed, false) AS completed, coalesce(is_closed, false) AS closed, is_paid IS NULL AS blank,
         coalesce(is_cash_on_delivery, false) AS cod,
         date_diff('second', placed_at, paid_at) AS to_pay, date_diff('second', paid_at, shipped_at) AS to_ship,
         date_diff('second', shipped_at, completed_at) AS to_complete,
         coalesce(date_diff('second', placed_at, coalesce(as_of, :orders_as_of)) >= :pay
                  AND NOT coalesce(deposit_pending, false), false) AS old_pay,
         coalesce(date_diff('second', paid_at, coalesce(as_of, :orders_as_of)) >= :ship, false) AS old_ship,
         coalesce(date_diff('second', shipped_at, coalesce(as_of, :orders_as_of)) >= :complete, false)
           AS old_complete,
         coalesce(is_refunded AND (shipped_at IS NULL AND NOT coalesce(is_shipped, false)
                                   OR coalesce(refund_applied_at < shipped_at, false)), false) AS left_early
  FROM orders WHERE placed_at >= :start AND placed_at < :end),
first AS (SELECT *, paid AND (to_pay IS NULL OR to_pay >= -60 OR cod) AS has_paid FROM told),
second AS (SELECT *, has_paid AND shipped AND (to_ship IS NULL OR to_ship >= -60 OR cod) AS has_shipped FROM first),
made AS (
  SELECT *, has_shipped AND completed AND (to_complete IS NULL OR to_complete >= -60 OR cod) AS has_completed,
         blank OR (shipped OR completed) AND NOT cod AS unclear_pay, shipped OR completed AS unclear_ship
  FROM second)
SELECT count(*) AS placed_n, count(*) FILTER (WHERE has_paid) AS paid_n,
       count(*) FILTER (WHERE has_shipped) AS shipped_n, count(*) FILTER (WHERE has_completed) AS completed_n,
       count(*) FILTER (WHERE NOT has_paid AND unclear_pay) AS paid_unclear,
       count(*) FILTER (WHERE has_paid AND NOT has_shipped AND unclear_ship) AS shipped_unclear,
       count(*) FILTER (WHERE has_shipped AND NOT has_completed AND completed) AS completed_unclear,
       count(*) FILTER (WHERE NOT has_paid AND NOT unclear_pay AND (NOT old_pay OR cod) AND NOT closed)
         AS paid_pending,
       count(*) FILTER (WHERE has_paid AND NOT has_shipped AND NOT unclear_ship AND NOT old_ship AND NOT closed
                        AND NOT left_early) AS shipped_pending,
       count(*) FILTER (WHERE has_shipped AND NOT has_completed AND NOT completed AND NOT old_complete
                        AND NOT closed) AS completed_pending,
       median(to_pay) FILTER (WHERE has_paid AND to_pay >= 0) / 3600 AS placed_gap,
       median(to_ship) FILTER (WHERE has_shipped AND to_ship >= 0) / 3600 AS paid_gap,
       median(to_complete) FILTER (WHERE has_completed AND to_complete >= 0) / 3600 AS shipped_gap
FROM made
