# Drafts
draft-save = Save draft
draft-saved = Draft saved ({ $moment })
draft-begun = Filled in with your draft of { $moment }. Nobody else sees it; it goes when the act is done, or after thirty days.
draft-discard = Do without it
draft-since = Since the draft was saved, this has happened. Please check:
