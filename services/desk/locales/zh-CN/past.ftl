# 截至某日的台账
past-folding = 正在按记录重排当时的台账
past-progress = 已排到第 { $folded } 号事件，共排到第 { $to } 号。
past-other = 正在排另一时点的台账（第 { $folded } 号，至第 { $to } 号），排完即排您要看的。
past-hint = 本页每两秒自动刷新，排好后即显示。排过的时点会保留半小时。
past-again = 立即刷新
past-only-seen = 只列您现在可见的事项，按当时的状态。
past-empty = 当时还没有事项。
