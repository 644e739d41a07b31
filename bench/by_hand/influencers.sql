WITH cohort AS (
  SELECT shop_id, order_id, paid_amount FROM orders
  WHERE is_paid AND paid_at >= :start AND paid_at < :end),
lines AS (
  SELECT coalesce(l.influencer_id, 'unknown') AS key, l.shop_id, l.order_id, l.line_id, l.paid_amount
  FROM cohort o JOIN order_lines l ON l.shop_id = o.shop_id AND l.order_id = o.order_id AND l.counted),
filed AS (
  SELECT c.shop_id, c.line_id,
         sum(coalesce(commission_estimated, 0) + coalesce(bonus_estimated, 0)
             + coalesce(promotion_estimated, 0)) AS estimated,
         sum(coalesce(commission_settled, 0) + coalesce(bonus_settled, 0) + coalesce(promotion_settled, 0))
           AS settled,
         bool_or(party <> 'leader' AND (settled_at IS NOT NULL OR coalesce(commission_settled, 0) <> 0
             OR coalesce(bonus_settled, 0) <> 0 OR coalesce(promotion_settled, 0) <> 0)) AS influencer_told,
         bool_or(party = 'leader' AND (settled_at IS NOT NULL OR coalesce(commission_settled, 0) <> 0))
           AS leader_told
  FROM commissions c SEMI JOIN lines l ON l.shop_id = c.shop_id AND l.line_id = c.line_id
  GROUP BY ALL),
billed AS (
  SELECT s.shop_id, s.line_id,
         CASE WHEN NOT coalesce(influencer_told, false) THEN commission_influencer END AS influencer,
         CASE WHEN NOT coalesce(leader_told, false) THEN commission_leader END AS leader,
         CASE WHEN NOT coalesce(influencer_told, false) THEN commission_service END AS service,
         CASE WHEN NOT coalesce(influencer_told, false) THEN offsite_promotion END AS promotion,
         CASE WHEN NOT coalesce(influencer_told, false) THEN commission_channel END AS channel
  FROM settlements s SEMI JOIN cohort o ON o.shop_id = s.shop_id AND o.order_id = s.order_id
  LEFT JOIN filed f ON f.shop_id = s.shop_id AND f.line_id = s.line_id
  WHERE NOT coalesce(influencer_told AND leader_told, false)),
charges AS (
  SELECT shop_id, line_id, true AS is_filed, estimated, settled FROM filed
  UNION ALL
  SELECT shop_id, line_id, false, NULL,
         CASE WHEN coalesce(influencer, leader, service, promotion, channel) IS NOT NULL
              THEN coalesce(influencer, 0) + coalesce(leader, 0) + coalesce(service, 0)
                   + coalesce(promotion, 0) + coalesce(channel, 0) END FROM billed),
charged AS (
  SELECT key, CASE WHEN bool_or(is_filed) THEN sum(estimated) ELSE 0 END AS commission_estimated,
         CASE WHEN count(*) > 0 THEN sum(settled) ELSE 0 END AS commission_settled
  FROM charges c JOIN lines l ON l.shop_id = c.shop_id AND l.line_id = c.line_id
  GROUP BY GROUPING SETS ((key), ())),
parts AS (
  SELECT key, shop_id, order_id, sum(paid_amount) AS paid_amount FROM lines GROUP BY ALL
  UNION ALL SELECT NULL, shop_id, order_id, paid_amount FROM cohort),
sold AS (SELECT key, count(*) AS orders_paid, sum(paid_amount) AS paid_amount FROM parts GROUP BY key)
SELECT s.key, orders_paid, paid_amount, coalesce(commission_estimated, 0) AS commission_estimated,
       commission_settled
FROM sold s LEFT JOIN charged c ON c.key IS NOT DISTINCT FROM s.key
