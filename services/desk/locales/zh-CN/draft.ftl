# 草稿
draft-save = 存草稿
draft-saved = 草稿已存（{ $moment }）
draft-begun = 已填入您 { $moment } 存的草稿，只有您看得到，办结或三十天后删除。
draft-discard = 不用草稿
draft-since = 存草稿后，该事项有以下变化，请核对：
