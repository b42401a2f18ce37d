//! What can go wrong at the desk beside the rules of a case: a stable code, a status, a sentence in both languages.

use axum::http::StatusCode;

macro_rules! codes {
    ($($name:ident = $code:literal, $status:ident, $zh:literal, $en:literal;)*) => {
        /// What went wrong at the desk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code {$(
            #[doc = $en]
            $name,
        )*}

        impl Code {
            /// Returns the stable code, which never changes.
            pub(crate) fn code(self) -> &'static str {
                match self { $(Code::$name => $code,)* }
            }

            /// Returns the status it is answered with.
            pub(crate) fn status(self) -> StatusCode {
                match self { $(Code::$name => StatusCode::$status,)* }
            }

            /// Returns the sentence in Chinese.
            pub(crate) fn chinese(self) -> &'static str {
                match self { $(Code::$name => $zh,)* }
            }

            /// Returns the sentence in English.
            pub(crate) fn english(self) -> &'static str {
                match self { $(Code::$name => $en,)* }
            }
        }
    };
}

codes! {
    // The request as such.
    BadRequest = "bad_request", BAD_REQUEST,
        "请求格式有误。",
        "The request cannot be read.";
    BadKey = "bad_idempotency_key", BAD_REQUEST,
        "Idempotency-Key 须为 1 至 200 个可见 ASCII 字符。",
        "An Idempotency-Key is 1 to 200 visible ASCII characters.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED,
        "请出示有效的访问令牌。",
        "Come with a token that is good.";
    NotAdministrator = "not_administrator", FORBIDDEN,
        "只有管理员可以办理。",
        "Only an administrator does this.";
    FromElsewhere = "from_elsewhere", FORBIDDEN,
        "请求不是从本系统的页面发出的，请重新打开页面后再试。",
        "The request does not come from a page of this system; open the page again and try once more.";
    NotYourDelegation = "not_your_delegation", FORBIDDEN,
        "代办授权须由被代办人或管理员办理。",
        "A delegation is given and taken back by whom it is for, or by an administrator.";
    NotYourToken = "not_your_token", FORBIDDEN,
        "只能管理自己的令牌；管理员除外。",
        "Only your own tokens are yours to manage, unless you are an administrator.";
    NothingToFile = "nothing_to_file", FORBIDDEN,
        "您的角色不能提交佐证材料。",
        "Your roles put no evidence on file.";
    MayNotOpen = "may_not_open", FORBIDDEN,
        "只有登记该事项的整改办经办人，以及正在办理的牵头单位经办人，可以拆阅信访原件；检举控告只由整改办拆阅。",
        "Only officers of the office that registered the case, and handlers of its leads at work on it, open its petition; an accusation is opened by the office alone.";
    NotPrefectureOffice = "not_prefecture_office", FORBIDDEN,
        "搁置的信息可能是信访件，只由州整改办经办人查看。",
        "What was set aside may be a petition: only officers of the prefecture's office look at it.";
    MayNotHandIn = "may_not_hand_in", FORBIDDEN,
        "只有来源系统和整改办经办人可以导入。",
        "Only source systems and officers hand in files.";
    NotAuditor = "not_auditor", FORBIDDEN,
        "只有审计人员可以查看拆阅记录。",
        "Only auditors list who looked.";
    MayNotPublish = "may_not_publish", FORBIDDEN,
        "只有整改办经办人和审计督查人员可以发布。",
        "Only officers and auditors publish.";
    MayNotExport = "may_not_export", FORBIDDEN,
        "只有能查看该事项的整改办经办人和审计督查人员可以导出案卷。",
        "Only officers and auditors who see the case take its dossier away.";
    NotFound = "not_found", NOT_FOUND,
        "没有这个地址。",
        "There is nothing here.";
    NoSuchCase = "no_such_case", NOT_FOUND,
        "没有这个事项。",
        "There is no such case.";
    NoSuchCheckpoint = "no_such_checkpoint", NOT_FOUND,
        "没有该条数的签名检查点。",
        "No checkpoint was signed of a log of this size.";
    NotYet = "not_yet", NOT_FOUND,
        "该事项当时尚不存在。",
        "There was no such case by then.";
    NoSuchEvidence = "no_such_evidence", NOT_FOUND,
        "没有这份佐证材料。",
        "There is no such evidence on file.";
    NothingSealed = "nothing_sealed", NOT_FOUND,
        "没有已密封的信访件。",
        "There is no petition of which anything is sealed.";
    NotErased = "not_erased", NOT_FOUND,
        "该信访件的密钥没有销毁，没有销毁证明。",
        "The keys of this petition are not deleted, so there is nothing to certify.";
    NoSuchAttachment = "no_such_attachment", NOT_FOUND,
        "该信访件没有这个附件。",
        "The petition has no such attachment.";
    NoSuchImport = "no_such_import", NOT_FOUND,
        "没有这次导入：可能已放弃、已由新的导入代替，或三十分钟未操作已清除。请重新选择文件。",
        "There is no such import: it was given up, replaced by another, or cleared after thirty minutes. Choose the files again.";
    NotSetAside = "not_set_aside", NOT_FOUND,
        "没有这条搁置的信息；搁置的信息保存 30 天。",
        "Nothing is set aside under this number; what is set aside is kept for 30 days.";
    NoSuchUnit = "no_such_unit", NOT_FOUND,
        "没有这个单位。",
        "There is no such unit.";
    NoSuchPublication = "no_such_publication", NOT_FOUND,
        "没有这项发布，或其中有您不能查看的事项。",
        "There is no such publication, or it has cases that you may not see.";
    NoSuchToken = "no_such_token", NOT_FOUND,
        "没有这个令牌。",
        "There is no such token.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        "该地址不支持此方法。",
        "This cannot be done here.";
    LinkSpent = "link_spent", GONE,
        "链接已使用或已过期，请向管理员索取新的链接。",
        "The link was used or has expired; ask an administrator for another.";
    EvidenceGone = "evidence_gone", GONE,
        "该材料的内容已不在库中，只保留摘要值。",
        "The bytes of this evidence are gone; its digest stays.";
    PetitionErased = "petition_erased", GONE,
        "该件的密钥已销毁，身份、原文和附件不可恢复，也不再接收。",
        "The keys of this petition were deleted: it cannot be read again, and is not taken again.";
    Stale = "stale_version", PRECONDITION_FAILED,
        "该事项已有变化，请查看后再办理。",
        "The case has changed since; look at it again.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE,
        "内容超出允许的大小。",
        "It is larger than what is taken.";
    UnsupportedType = "unsupported_type", UNSUPPORTED_MEDIA_TYPE,
        "不接收此类内容。",
        "This type of content is not taken.";
    KeyMissing = "idempotency_key_missing", PRECONDITION_REQUIRED,
        "请求须带 Idempotency-Key。",
        "Send an Idempotency-Key.";
    VersionMissing = "if_match_missing", PRECONDITION_REQUIRED,
        "请求须带 If-Match，注明所见版本。",
        "Send If-Match with the version you have seen.";

    // What was given.
    BadBody = "bad_body", UNPROCESSABLE_ENTITY,
        "所填内容有误。",
        "What was sent is not what is wanted.";
    KeyReused = "key_reused", UNPROCESSABLE_ENTITY,
        "该 Idempotency-Key 已用于其他请求。",
        "This Idempotency-Key was used for another request.";
    WhichPetition = "which_petition", UNPROCESSABLE_ENTITY,
        "该事项含有多件信访件，请用 finding 指明。",
        "The case holds several petitions; say which by `finding`.";
    TooManyAttachments = "too_many_attachments", UNPROCESSABLE_ENTITY,
        "该信访件的附件已达上限。",
        "The petition has as many attachments as it may have.";
    WhichCapacity = "which_capacity", UNPROCESSABLE_ENTITY,
        "您可以多种身份办理，请用 Rectify-Unit 和 Rectify-Role 指明。",
        "You could do this in several capacities; say which by Rectify-Unit and Rectify-Role.";
    TooManyRows = "too_many_rows", UNPROCESSABLE_ENTITY,
        "符合条件的事项过多，不能一次导出，请先缩小查询范围。",
        "Too many cases to export at once; narrow the search first.";
    NothingSelected = "nothing_selected", UNPROCESSABLE_ENTITY,
        "没有勾选事项，请先在台账中勾选。",
        "No case is selected; tick some in the ledger first.";
    NothingToPublish = "nothing_to_publish", UNPROCESSABLE_ENTITY,
        "没有可发布的事项，请先调整查询条件。",
        "There is no case to publish; ask for others first.";
    EmptyFile = "empty_file", UNPROCESSABLE_ENTITY,
        "文件是空的。",
        "The file is empty.";
    FileNameMissing = "file_name_missing", UNPROCESSABLE_ENTITY,
        "请用 Rectify-File-Name 注明文件名。",
        "Give the file's name as Rectify-File-Name.";
    EvidenceNotStored = "evidence_not_stored", UNPROCESSABLE_ENTITY,
        "库中没有这份材料，请先上传。",
        "The bytes of this evidence are not in the store; upload them first.";
    EvidenceDiffers = "evidence_differs", UNPROCESSABLE_ENTITY,
        "材料的大小或类型与库中不符。",
        "The evidence is not of this size or type.";
    AlreadyThere = "already_there", CONFLICT,
        "该编码已被使用。",
        "This id is taken.";
    NotSealed = "not_sealed_yet", CONFLICT,
        "该事项的最新记录尚未签入检查点，暂不能导出案卷，请稍候十余秒再试。",
        "No signed checkpoint covers the last event of the case yet, so there is no dossier of it; try again in some seconds.";
    DossierTooLarge = "dossier_too_large", UNPROCESSABLE_ENTITY,
        "该事项的记录和佐证材料过多，案卷容纳不下。",
        "The case has more events and files of evidence than a dossier holds.";
    BadCheckpoint = "bad_checkpoint", UNPROCESSABLE_ENTITY,
        "不是本系统签名的检查点：请填写记录条数、纸面所印的“条数:根哈希”，或粘贴完整的签名检查点。",
        "This is no checkpoint that was signed here: give its size, the SIZE:ROOT that is printed on paper, or the whole signed note.";
    OtherHistory = "other_history", CONFLICT,
        "所持检查点与本系统的历史不一致：同一条数的内容不同。请立即报告。",
        "Whoever has this checkpoint saw another history: what was signed here of this size is not the same. Report it at once.";
    ImportUnderWay = "import_under_way", CONFLICT,
        "上一份文件正在导入，请待其完成。",
        "The files before are being taken; wait until that is done.";
    RebuildUnderWay = "rebuild_under_way", CONFLICT,
        "台账正在重建。",
        "The ledger is being folded anew already.";
    AdministratorApart = "administrator_apart", UNPROCESSABLE_ENTITY,
        "管理员不得兼任办理事项的角色，也不得代办。",
        "An administrator holds no other role and acts for nobody.";
    InThePast = "in_the_past", UNPROCESSABLE_ENTITY,
        "生效时间不能早于现在。",
        "It cannot take effect before now.";
    EndsBeforeItBegins = "ends_before_it_begins", UNPROCESSABLE_ENTITY,
        "结束时间须晚于开始时间。",
        "It must end after it begins.";
    LoopInTree = "loop_in_tree", UNPROCESSABLE_ENTITY,
        "单位不能隶属于自身或其下级。",
        "A unit cannot be below itself.";
    BadPrefix = "bad_prefix", UNPROCESSABLE_ENTITY,
        "编号前缀须为 1 至 20 个字符，不能含有“-”、空白或控制字符。",
        "A number prefix has 1 to 20 characters, no `-`, no blanks and no control characters among them.";
    ForOneself = "for_oneself", UNPROCESSABLE_ENTITY,
        "不能授权代办自己。",
        "Nobody needs a delegation to act for themselves.";
    Illegible = "illegible", UNPROCESSABLE_ENTITY,
        "报来的内容不是一条问题，不能原样重新报送；请改正后重新报送。",
        "What came is no finding and cannot be handed in as it is; hand it in mended.";
    SetAsideAgain = "set_aside_again", UNPROCESSABLE_ENTITY,
        "原样重新报送仍无法立为事项，搁置原因见列表中最新一条。",
        "As it is it cannot become a case: it was set aside again, with the reason in the list.";
    NotCosigned = "not_cosigned", UNPROCESSABLE_ENTITY,
        "不是检查点，或没有已登记见证方的有效签名。",
        "It is no checkpoint, or carries no good signature of a witness that is known here.";
    NotHeld = "not_held", UNPROCESSABLE_ENTITY,
        "没有可结束的任职或授权。",
        "There is no such role or delegation to end.";

    // The server.
    Internal = "internal", INTERNAL_SERVER_ERROR,
        "系统出错，请将编号告知管理员。",
        "Something failed here; tell an administrator the reference.";
    NoKeyStore = "no_key_store", SERVICE_UNAVAILABLE,
        "这里没有配置密钥库（keys.url），不能密封或拆阅信访件。",
        "There is no key store here (keys.url), so nothing is sealed or opened.";
    NoPrivateKey = "no_private_key", SERVICE_UNAVAILABLE,
        "整改办的私钥不在这里，或未解锁，不能拆阅。",
        "The office's private key is not here, or is locked, so nothing is opened.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "暂时无法办理，请稍后用同一 Idempotency-Key 重试。",
        "It cannot be done just now; try again with the same Idempotency-Key.";
    TooManyImports = "too_many_imports", SERVICE_UNAVAILABLE,
        "正在导入的文件过多，请稍后再试。",
        "Too much is being imported at once; try again a little later.";
    NoRoom = "no_room", INSUFFICIENT_STORAGE,
        "存储空间已满，没有写入；请管理员腾出空间后用同一 Idempotency-Key 重试。",
        "There is no room left and nothing was written; try again with the same Idempotency-Key once there is.";
}
