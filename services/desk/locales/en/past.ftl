# The ledger as of a day
past-folding = The ledger of that moment is being put together from the log
past-progress = Event { $folded } of { $to }.
past-other = The ledger of another moment comes first (event { $folded } of { $to }); yours is next.
past-hint = This page asks again every two seconds and shows the ledger when it is there. It is kept for half an hour.
past-again = Ask again now
past-only-seen = Only cases that you may see now, as they stood then.
past-empty = There were no cases then.
