# 总览
figure-total = 全部事项
figure-live = 在办
figure-overdue = 已逾期
figure-closed = 已销号
overview-by-stage = 按环节
overview-by-source = 按来源
overview-by-division = 按县市
overview-by-lead = 按牵头单位
overview-by-outcome = 按整改结果（不含承前）
overview-cases = 事项数
