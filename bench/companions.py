"""The other files of a big order export: its parcels, after-sales, commissions and settlements.

Made in one pass over the export by DuckDB, from each order number's hash: the same export gives the same
files. What is in them is plausible, not true to anything: they are for speed.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

ORDERS = """
CREATE TEMP TABLE bought AS
SELECT bare("主订单编号") AS order_id, bare("子订单编号") AS line_id,
       CAST("支付完成时间" AS TIMESTAMP) AS paid, TRY_CAST("发货时间" AS TIMESTAMP) AS shipped,
       TRY_CAST("订单完成时间" AS TIMESTAMP) AS completed,
       CAST(replace("订单应付金额", ',', '') AS DECIMAL(18, 2)) AS due,
       bare("达人ID") AS influencer_id, bare("达人昵称") AS influencer, bare("商品ID") AS product_id,
       bare("选购商品") AS product, "省" AS province, hash(bare("主订单编号")) AS chance
FROM read_csv(?, all_varchar = true, header = true)
WHERE TRY_CAST("支付完成时间" AS TIMESTAMP) IS NOT NULL
"""
PARCELS = """
SELECT '9' || order_id AS "运单号", order_id AS "订单编号",
       ['中通快递', '圆通速递', '韵达快递', '顺丰速运', '极兔速递'][1 + CAST(chance % 5 AS INTEGER)]
         AS "快递公司",
       shipped AS "发货时间",
       CASE WHEN picked <= newest THEN picked END AS "揽收时间",
       CASE WHEN signed <= newest THEN signed END AS "签收时间",
       CASE WHEN signed <= newest THEN '已签收' ELSE '运输中' END AS "物流状态"
FROM (SELECT *, max(shipped) OVER () AS newest,
             shipped + to_hours(CAST(2 + chance % 20 AS INTEGER)) AS picked,
             least(shipped + to_hours(CAST(30 + chance % 19 + hash(province) % 60 AS INTEGER)),
                   completed - INTERVAL 1 HOUR) AS signed
      FROM (SELECT DISTINCT ON (order_id) * FROM bought WHERE shipped IS NOT NULL))
"""
AFTERSALES = """
SELECT '8' || line_id AS "售后单号", order_id AS "订单号", line_id AS "商品单号",
       CASE WHEN shipped IS NULL THEN '未发货退款' WHEN chance % 3 = 0 THEN '仅退款'
            ELSE '退货退款' END AS "售后类型",
       CASE WHEN chance % 10 = 0 THEN '售后关闭' ELSE '同意退款，退款成功' END AS "售后状态",
       asked AS "售后申请时间",
       CASE WHEN chance % 10 <> 0 THEN asked + INTERVAL 5 HOUR END AS "商家退款时间",
       due AS "退商品金额（元）", 0.00 AS "退运费金额（元）", due AS "应付金额（元）",
       ['不喜欢', '与描述不符', '质量问题', '尺码不合适'][1 + CAST(chance % 4 AS INTEGER)] AS "售后原因",
       product_id AS "商品ID", product AS "商品名称"
FROM (SELECT *, coalesce(completed, paid) + to_hours(CAST(chance % 100 AS INTEGER)) AS asked FROM bought)
WHERE asked_back(line_id) AND (shipped IS NULL OR completed IS NOT NULL)
"""
COMMISSIONS = """
SELECT line_id AS "订单id", influencer AS "作者账号", influencer_id AS "抖音/火山号",
       CASE WHEN NOT kept THEN '订单失效' WHEN completed IS NULL THEN '订单付款'
            ELSE '订单结算' END AS "订单状态",
       paid AS "付款时间", CASE WHEN kept THEN completed END AS "订单结算时间",
       product_id AS "商品id", product AS "商品名称",
       due AS "支付金额", '20%' AS "佣金率", round(due * 0.2, 2) AS "预估佣金支出",
       CASE WHEN kept AND completed IS NOT NULL THEN due END AS "结算金额",
       CASE WHEN kept AND completed IS NOT NULL THEN round(due * 0.2, 2) END AS "实际佣金支出"
FROM (SELECT *, NOT asked_back(line_id) OR chance % 10 = 0 AS kept FROM bought)
WHERE influencer <> '' AND influencer <> '-'
"""
SETTLEMENTS = """
SELECT order_id AS "订单号", line_id AS "子订单号", completed + INTERVAL 4 DAY AS "结算时间",
       '已结算' AS "结算单类型", '聚合账户' AS "结算账户", due AS "收入合计",
       -round(due * 0.05, 2) AS "支出合计", -round(due * 0.05, 2) AS "平台服务费",
       due - round(due * 0.05, 2) AS "结算金额"
FROM bought WHERE completed IS NOT NULL
"""
FILES = {"parcels": PARCELS, "aftersales": AFTERSALES, "commissions": COMMISSIONS, "settlements": SETTLEMENTS}


def companions(orders: Path, folder: Path) -> list[Path]:
    """Write the files that go with the order export ``orders`` into ``folder``."""
    made = [folder / f"{name}.csv" for name in FILES]
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TEMP MACRO bare(cell) AS trim(cell, chr(9) || ' ')")
        connection.execute("CREATE TEMP MACRO asked_back(line_id) AS hash(line_id) % 100 < 15")
        connection.execute(ORDERS, [str(orders)])
        for path, rows in zip(made, FILES.values(), strict=True):
            connection.sql(rows).write_csv(str(path))
    return made
