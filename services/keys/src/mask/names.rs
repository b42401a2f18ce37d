//! Names of persons: where a word says that a name follows or went before, Tibetan ones, and those the dictionary knows.

use std::sync::LazyLock;

use jieba_rs::Jieba;
use regex::{Captures, Regex};

/// What stands for a name.
pub(super) const INSTEAD: &str = "某某";

/// Returns a text with them masked.
pub(super) fn masked(text: &str) -> String {
    let text = TIBETAN.replace_all(text, INSTEAD);
    let text = TITLED.replace_all(&text, "某$1");
    let text = NAMED.replace_all(&text, |found: &Captures<'_>| format!("{}{INSTEAD}{}", &found[1], &found[2]));
    known(&text)
}

/// Returns whether a word looks like a name.
pub(super) fn is_like(word: &str) -> bool {
    (2..=6).contains(&word.chars().count()) && word.chars().all(is_ideograph)
}

/// The commonest surnames, those of two characters first.
const DOUBLE: &str = "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|长孙|司徒|东方|南宫|独孤";
const SINGLE: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔\
    钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤尚施洪梅季盛童柯麻蓝\
    裴岳翟齐章鲁葛俞祝霍倪柴蒲焦巩凌樊辛管祁耿鲍牛莘卞桑景詹申欧耶翁荆仇柳穆费纪舒屈项卓冉宫路关辜包左吉权缑苟豆党权寇芦晁燕";

static TIBETAN: LazyLock<Regex> = LazyLock::new(|| {
    let words = "扎西|才让|卓玛|拉毛|次仁|旦增|丹增|尼玛|达娃|格桑|仁青|仁欠|贡保|南杰|道吉|多杰|加措|嘉措|东珠|东智|\
        桑杰|完么|当知|周毛|旦真|索南|更登|华旦|尕藏|班玛|白玛|拉姆|云丹|益西|洛桑|罗桑|阿旺|曲珍|央金|梅朵|旺姆|旺杰|\
        平措|普布|巴桑|边巴|米玛|措毛";
    pattern(&format!("[{SINGLE}]?(?:{words})+[加草姐吉毛]?"))
});

static TITLED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "(?:{DOUBLE}|[{SINGLE}])[\u{4e00}-\u{9fff}]{{0,2}}?(先生|女士|小姐|同志|老师|师傅|大爷|大妈|大叔|大姐|阿姨|老汉|书记|\
        主任|局长|镇长|乡长|村长|县长|科长|所长|站长|支书|队长|组长|经理|医生|老板|校长)"
    ))
});

/// A name after a word that says so, and the word or sign that ends it.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let says = "我叫|我是|名叫|姓名|联系人|反映人|举报人|投诉人|信访人|申请人|当事人|受害人|户主|村民|居民|职工|患者|家长|学生|业主|贫困户|低保户|\
        父亲|母亲|丈夫|妻子|儿子|女儿|爷爷|奶奶|哥哥|弟弟|姐姐|妹妹|老公|老婆|本人";
    pattern(&format!(
        "((?:{says})[是叫为:： ]?)(?:(?:{DOUBLE})[\u{4e00}-\u{9fff}]{{1,2}}|[{SINGLE}][\u{4e00}-\u{9fff}]{{1,2}})\
        ([^\u{4e00}-\u{9fff}]|[系是在的因住现家今男女与和及同等反向被给说有]|$)"
    ))
});

/// Masks the names that the dictionary knows, or takes for names.
fn known(text: &str) -> String {
    static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);
    let tags = DICTIONARY.tag(text, true);
    let mut masked = String::with_capacity(text.len());
    for tag in tags {
        masked.push_str(if is_name(tag.word, tag.tag) { INSTEAD } else { tag.word });
    }
    masked
}

fn is_name(word: &str, tag: &str) -> bool {
    let begins = || word.chars().next().is_some_and(|first| SINGLE.contains(first));
    tag.starts_with("nr") && is_like(word) && (2..=3).contains(&word.chars().count()) && begins()
}

fn is_ideograph(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern was tried in a test")
}
