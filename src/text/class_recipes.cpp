#include "text/class_recipe.h"

#include <array>

namespace typecase {
namespace {

// One row a class: its recipe, in the words of tokenizer.json. class_recipe.h says what is added.
struct Row {
  TokenizerClass cls;
  const char* recipe;
};

// clang-format off
constexpr std::array kRecipes = {
Row{TokenizerClass::barthez, R"json(
{"model": {"type": "Unigram", "unk_id": 3},
 "options": {"add_prefix_space": true},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": {"content": "<mask>",
   "lstrip": true}},
 "normalizer": [{"type": "Replace", "pattern": {"Regex": "\\s{2,}|[\\n\\r\\t]"}, "content":
   " "}, {"type": "NFC"}, {"type": "Strip", "strip_left": false, "strip_right": true}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme":
   "@add_prefix_space"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "@add_prefix_space"}]})json"},

Row{TokenizerClass::big_bird, R"json(
{"model": {"type": "Unigram", "unk_piece": true, "unk_id": 100},
 "options": {"add_prefix_space": true},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token":
   "<pad>", "sep_token": "[SEP]", "mask_token": {"content": "[MASK]", "lstrip": true},
   "cls_token": "[CLS]"},
 "normalizer": [{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme":
   "@add_prefix_space"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "@add_prefix_space"}],
 "template": ["c0A0s0", "c0A0s0B1s1"]})json"},

Row{TokenizerClass::blenderbot, R"json(
{"model": {"type": "BPE"},
 "options": {"add_prefix_space": true},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": {"content": "<mask>",
   "lstrip": true}},
 "pre_tokenizer": [{"type": "ByteLevel", "add_prefix_space": "@add_prefix_space",
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}]})json"},

Row{TokenizerClass::clip, R"json(
{"model": {"type": "BPE", "unk_token": true, "end_of_word_suffix": "</w>"},
 "tokens": {"unk_token": "<|endoftext|>", "bos_token": "<|startoftext|>", "eos_token":
   "<|endoftext|>", "pad_token": "<|endoftext|>"},
 "normalizer": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content":
   " "}, {"type": "Lowercase"}],
 "pre_tokenizer": [{"type": "Split", "pattern": {"Regex":
   "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},
   "behavior": "Removed", "invert": true}, {"type": "ByteLevel", "add_prefix_space": false,
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}, {"type":
   "Fuse"}, {"type": "Replace", "pattern": {"String": "</w>"}, "content": " "}, {"type":
   "Replace", "pattern": {"Regex": "\\A[\\s\\x1C-\\x1F]+|[\\s\\x1C-\\x1F]+\\z"}, "content": ""}],
 "post_processor": {"type": "RobertaProcessing", "sep": ["@eos_token", "@eos_token_id"],
   "cls": ["@bos_token", "@bos_token_id"], "trim_offsets": false, "add_prefix_space": false}})json"},

Row{TokenizerClass::code_llama, R"json(
{"model": {"type": "BPE", "unk_token": true, "fuse_unk": true, "byte_fallback": true},
 "options": {"add_prefix_space": true},
 "padding_side": "left",
 "tokens": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "prefix_token":
   "▁<PRE>", "middle_token": "▁<MID>", "suffix_token": "▁<SUF>", "eot_token": "▁<EOT>",
   "fill_token": "<FILL_ME>"},
 "extra": ["▁<PRE>", "▁<MID>", "▁<SUF>", "▁<EOT>", "<FILL_ME>"],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first",
   "split": false, "if": "add_prefix_space"}, {"type": "Metaspace", "replacement": "▁",
   "prepend_scheme": "never", "split": false, "unless": "add_prefix_space"}],
 "decoder": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type":
   "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}],
 "template": ["b0A0", "b0A0b1B1"]})json"},

Row{TokenizerClass::codegen, R"json(
{"model": {"type": "BPE"},
 "options": {"add_prefix_space": false},
 "tokens": {"unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token":
   "<|endoftext|>"},
 "pre_tokenizer": [{"type": "ByteLevel", "add_prefix_space": "@add_prefix_space",
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}],
 "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false},
 "keeps_post_processor": true})json"},

Row{TokenizerClass::deberta, R"json(
{"model": {"type": "BPE"},
 "options": {"add_prefix_space": false},
 "tokens": {"bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "[UNK]", "sep_token":
   "[SEP]", "cls_token": "[CLS]", "pad_token": "[PAD]", "mask_token": "[MASK]"},
 "pre_tokenizer": [{"type": "ByteLevel", "add_prefix_space": "@add_prefix_space",
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}],
 "template": ["c0A0s0", "c0A0s0s0B0s0"]})json"},

Row{TokenizerClass::funnel, R"json(
{"model": {"type": "WordPiece"},
 "options": {"do_lower_case": true, "tokenize_chinese_chars": true, "strip_accents": null,
   "clean_text": true, "wordpieces_prefix": "##"},
 "tokens": {"unk_token": "<unk>", "sep_token": "<sep>", "pad_token": "<pad>", "cls_token":
   "<cls>", "mask_token": "<mask>", "bos_token": "<s>", "eos_token": "</s>"},
 "normalizer": [{"type": "BertNormalizer", "clean_text": "@clean_text",
   "handle_chinese_chars": "@tokenize_chinese_chars", "strip_accents": "@strip_accents",
   "lowercase": "@do_lower_case"}],
 "pre_tokenizer": [{"type": "BertPreTokenizer"}],
 "decoder": [{"type": "WordPiece", "prefix": "@wordpieces_prefix", "cleanup": true}],
 "template": ["c2A0s0", "c2A0s0B1s1"]})json"},

Row{TokenizerClass::herbert, R"json(
{"model": {"type": "BPE", "unk_token": true, "end_of_word_suffix": "</w>"},
 "tokens": {"cls_token": "<s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token":
   "<mask>", "sep_token": "</s>"},
 "normalizer": [{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
   "strip_accents": false, "lowercase": false}],
 "pre_tokenizer": [{"type": "BertPreTokenizer"}],
 "decoder": [{"type": "BPEDecoder", "suffix": "</w>"}],
 "post_processor": {"type": "BertProcessing", "sep": ["@sep_token", 2], "cls": ["@cls_token",
   0]}})json"},

Row{TokenizerClass::luke, R"json(
{"model": {"type": "BPE"},
 "options": {"add_prefix_space": false},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": "<mask>", "entity_1_token":
   "<ent>", "entity_2_token": "<ent2>", "entity_unk_token": "[UNK]", "entity_pad_token":
   "[PAD]", "entity_mask_token": "[MASK]", "entity_mask2_token": "[MASK2]"},
 "extra": ["<ent>", "<ent2>"],
 "extra_rule": "behind_all",
 "cleans_bpe": true,
 "pre_tokenizer": [{"type": "ByteLevel", "add_prefix_space": "@add_prefix_space",
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}],
 "post_processor": {"type": "RobertaProcessing", "sep": ["@sep_token", "@sep_token_id"],
   "cls": ["@cls_token", "@cls_token_id"], "trim_offsets": true, "add_prefix_space": true}})json"},

Row{TokenizerClass::mbart, R"json(
{"model": {"type": "Unigram", "unk_id": 3},
 "options": {"src_lang": "en_XX"},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": {"content": "<mask>",
   "lstrip": true}},
 "extra": ["ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN",
   "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX",
   "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN", "zh_CN"],
 "extra_rule": "before",
 "pre_tokenizer": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁",
   "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "language": "@src_lang",
 "template": ["A0e0l0", "A0B0e0l0"]})json"},

Row{TokenizerClass::mbart50, R"json(
{"model": {"type": "Unigram", "unk_id": 3},
 "options": {"src_lang": "en_XX"},
 "tokens": {"eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token":
   "<pad>", "cls_token": "<s>", "mask_token": {"content": "<mask>", "lstrip": true}},
 "extra": ["ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN",
   "hi_IN", "it_IT", "ja_XX", "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX",
   "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN", "zh_CN", "af_ZA", "az_AZ", "bn_IN", "fa_IR",
   "he_IL", "hr_HR", "id_ID", "ka_GE", "km_KH", "mk_MK", "ml_IN", "mn_MN", "mr_IN", "pl_PL",
   "ps_AF", "pt_XX", "sv_SE", "sw_KE", "ta_IN", "te_IN", "th_TH", "tl_XX", "uk_UA", "ur_PK",
   "xh_ZA", "gl_ES", "sl_SI"],
 "normalizer": [{"type": "Precompiled"}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": " "}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "language": "@src_lang",
 "template": ["l0A0e0", "l0A0B0e0"]})json"},

Row{TokenizerClass::nllb, R"json(
{"model": {"type": "BPE", "unk_token": true, "fuse_unk": true},
 "options": {"src_lang": "eng_Latn", "legacy_behaviour": false},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>", "mask_token": {"content": "<mask>",
   "lstrip": true, "normalized": true}},
 "extra": ["ace_Arab", "ace_Latn", "acm_Arab", "acq_Arab", "aeb_Arab", "afr_Latn",
   "ajp_Arab", "aka_Latn", "amh_Ethi", "apc_Arab", "arb_Arab", "ars_Arab", "ary_Arab",
   "arz_Arab", "asm_Beng", "ast_Latn", "awa_Deva", "ayr_Latn", "azb_Arab", "azj_Latn",
   "bak_Cyrl", "bam_Latn", "ban_Latn", "bel_Cyrl", "bem_Latn", "ben_Beng", "bho_Deva",
   "bjn_Arab", "bjn_Latn", "bod_Tibt", "bos_Latn", "bug_Latn", "bul_Cyrl", "cat_Latn",
   "ceb_Latn", "ces_Latn", "cjk_Latn", "ckb_Arab", "crh_Latn", "cym_Latn", "dan_Latn",
   "deu_Latn", "dik_Latn", "dyu_Latn", "dzo_Tibt", "ell_Grek", "eng_Latn", "epo_Latn",
   "est_Latn", "eus_Latn", "ewe_Latn", "fao_Latn", "pes_Arab", "fij_Latn", "fin_Latn",
   "fon_Latn", "fra_Latn", "fur_Latn", "fuv_Latn", "gla_Latn", "gle_Latn", "glg_Latn",
   "grn_Latn", "guj_Gujr", "hat_Latn", "hau_Latn", "heb_Hebr", "hin_Deva", "hne_Deva",
   "hrv_Latn", "hun_Latn", "hye_Armn", "ibo_Latn", "ilo_Latn", "ind_Latn", "isl_Latn",
   "ita_Latn", "jav_Latn", "jpn_Jpan", "kab_Latn", "kac_Latn", "kam_Latn", "kan_Knda",
   "kas_Arab", "kas_Deva", "kat_Geor", "knc_Arab", "knc_Latn", "kaz_Cyrl", "kbp_Latn",
   "kea_Latn", "khm_Khmr", "kik_Latn", "kin_Latn", "kir_Cyrl", "kmb_Latn", "kon_Latn",
   "kor_Hang", "kmr_Latn", "lao_Laoo", "lvs_Latn", "lij_Latn", "lim_Latn", "lin_Latn",
   "lit_Latn", "lmo_Latn", "ltg_Latn", "ltz_Latn", "lua_Latn", "lug_Latn", "luo_Latn",
   "lus_Latn", "mag_Deva", "mai_Deva", "mal_Mlym", "mar_Deva", "min_Latn", "mkd_Cyrl",
   "plt_Latn", "mlt_Latn", "mni_Beng", "khk_Cyrl", "mos_Latn", "mri_Latn", "zsm_Latn",
   "mya_Mymr", "nld_Latn", "nno_Latn", "nob_Latn", "npi_Deva", "nso_Latn", "nus_Latn",
   "nya_Latn", "oci_Latn", "gaz_Latn", "ory_Orya", "pag_Latn", "pan_Guru", "pap_Latn",
   "pol_Latn", "por_Latn", "prs_Arab", "pbt_Arab", "quy_Latn", "ron_Latn", "run_Latn",
   "rus_Cyrl", "sag_Latn", "san_Deva", "sat_Beng", "scn_Latn", "shn_Mymr", "sin_Sinh",
   "slk_Latn", "slv_Latn", "smo_Latn", "sna_Latn", "snd_Arab", "som_Latn", "sot_Latn",
   "spa_Latn", "als_Latn", "srd_Latn", "srp_Cyrl", "ssw_Latn", "sun_Latn", "swe_Latn",
   "swh_Latn", "szl_Latn", "tam_Taml", "tat_Cyrl", "tel_Telu", "tgk_Cyrl", "tgl_Latn",
   "tha_Thai", "tir_Ethi", "taq_Latn", "taq_Tfng", "tpi_Latn", "tsn_Latn", "tso_Latn",
   "tuk_Latn", "tum_Latn", "tur_Latn", "twi_Latn", "tzm_Tfng", "uig_Arab", "ukr_Cyrl",
   "umb_Latn", "urd_Arab", "uzn_Latn", "vec_Latn", "vie_Latn", "war_Latn", "wol_Latn",
   "xho_Latn", "ydd_Hebr", "yor_Latn", "yue_Hant", "zho_Hans", "zho_Hant", "zul_Latn"],
 "extra_rule": "instead",
 "normalizer": [{"type": "Precompiled"}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": " ", "if": "charsmap"}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "language": "@src_lang",
 "template": ["l0A0e0", "l0A0B0e0"],
 "template_if": ["legacy_behaviour", "A0e0l0", "A0B0e0l0"]})json"},

Row{TokenizerClass::nougat, R"json(
{"model": {"type": "BPE"},
 "tokens": {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "pad_token":
   "<pad>"},
 "normalizer": [{"type": "NFKC"}],
 "pre_tokenizer": [{"type": "Split", "pattern": {"String": "SPL1T-TH1S-Pl3A5E"}, "behavior":
   "Removed", "invert": false}, {"type": "Digits", "individual_digits": true}, {"type":
   "Split", "pattern": {"String":
   "[\\(\\)\\[\\]\\{\\}]|([!\\\"#\\$%\\&'\\*\\+,\\-\\./:;<=>\\?\\\\\\^_`\\|\\~])\\1*"},
   "behavior": "Isolated", "invert": false}, {"type": "Split", "pattern": {"String": "\n"},
   "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false,
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}],
 "template": ["b0A0e0", "A0B1"]})json"},

Row{TokenizerClass::openai_gpt, R"json(
{"model": {"type": "BPE", "unk_token": true, "end_of_word_suffix": "</w>"},
 "tokens": {"unk_token": "<unk>"},
 "normalizer": [{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
   "strip_accents": null, "lowercase": true}],
 "pre_tokenizer": [{"type": "BertPreTokenizer"}],
 "decoder": [{"type": "BPEDecoder", "suffix": "</w>"}]})json"},

Row{TokenizerClass::pegasus, R"json(
{"model": {"type": "Unigram", "unk_piece": true},
 "options": {"offset": 103, "mask_token_sent": "<mask_1>"},
 "tokens": {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>", "mask_token":
   "<mask_2>"},
 "extra": ["@pegasus"],
 "extra_rule": "alone",
 "normalizer": [{"type": "Precompiled"}, {"type": "Replace", "pattern": {"Regex": "\\n"},
   "content": " ", "unless": "charsmap"}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": " "}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "template": ["A0e0", "A0B0e0"]})json"},

Row{TokenizerClass::rembert, R"json(
{"model": {"type": "Unigram", "unk_id": 2},
 "options": {"add_prefix_space": true, "do_lower_case": false, "keep_accents": true},
 "tokens": {"bos_token": "[CLS]", "eos_token": "[SEP]", "unk_token": "<unk>", "sep_token":
   "[SEP]", "pad_token": "<pad>", "cls_token": "[CLS]", "mask_token": "[MASK]"},
 "normalizer": [{"type": "Replace", "pattern": {"String": "``"}, "content": "\""}, {"type":
   "Replace", "pattern": {"String": "''"}, "content": "\""}, {"type": "Replace", "pattern":
   {"Regex": " {2,}"}, "content": " "}, {"type": "NFKD", "unless": "keep_accents"}, {"type":
   "StripAccents", "unless": "keep_accents"}, {"type": "Lowercase", "if": "do_lower_case"},
   {"type": "Precompiled"}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme":
   "@add_prefix_space"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "@add_prefix_space"}],
 "adds_again": "with_flags",
 "needs_post_processor": true,
 "template": ["c0A0s0", "c0A0s0B1s1"]})json"},

Row{TokenizerClass::reformer, R"json(
{"model": {"type": "BPE", "unk_token": true, "fuse_unk": true},
 "tokens": {"eos_token": "</s>", "unk_token": "<unk>"},
 "normalizer": [{"type": "Precompiled"}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": " ", "if": "charsmap"}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "adds_again": "with_flags"})json"},

Row{TokenizerClass::seamless_m4t, R"json(
{"model": {"type": "BPE", "unk_token": true, "fuse_unk": true},
 "options": {"src_lang": "eng"},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>"},
 "normalizer": [{"type": "Replace", "pattern": {"Regex": "[\\n\\r\\t]"}, "content": " "},
   {"type": "NFKC"}, {"type": "Strip", "strip_left": false, "strip_right": true}, {"type":
   "Replace", "pattern": {"Regex": " +▁"}, "content": "▁"}, {"type": "Replace", "pattern":
   {"Regex": "^▁+$"}, "content": ""}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": "▁"}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first"}],
 "language": "@src_lang",
 "language_marks": "__",
 "template": ["l0A0e0", "l0A0B0e0"]})json"},

Row{TokenizerClass::siglip2, R"json(
{"model": {"type": "BPE", "unk_token": true, "fuse_unk": true, "byte_fallback": true},
 "padding_side": "left",
 "tokens": {"unk_token": "<unk>", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token":
   "<pad>", "mask_token": "<mask>"},
 "normalizer": [{"type": "Lowercase"}, {"type": "Replace", "pattern": {"String": " "},
   "content": "▁"}],
 "pre_tokenizer": [{"type": "Split", "pattern": {"String": " "}, "behavior":
   "MergedWithPrevious", "invert": false}],
 "decoder": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type":
   "ByteFallback"}, {"type": "Fuse"}]})json"},

Row{TokenizerClass::splinter, R"json(
{"model": {"type": "WordPiece"},
 "options": {"do_lower_case": true, "tokenize_chinese_chars": true, "strip_accents": null,
   "padding_side": "right"},
 "tokens": {"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token":
   "[CLS]", "mask_token": "[MASK]", "question_token": "[QUESTION]"},
 "normalizer": [{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars":
   "@tokenize_chinese_chars", "strip_accents": "@strip_accents", "lowercase": "@do_lower_case"}],
 "pre_tokenizer": [{"type": "BertPreTokenizer"}],
 "decoder": [{"type": "WordPiece", "prefix": "##", "cleanup": true}],
 "template": ["c0A0s0", "c0A0q0d0s0B1s1"],
 "template_if": ["pads_left", "c0A0s0", "c0A0s0B1q0d0s1"]})json"},

Row{TokenizerClass::whisper, R"json(
{"model": {"type": "BPE"},
 "options": {"add_prefix_space": false},
 "tokens": {"unk_token": "<|endoftext|>", "bos_token": "<|endoftext|>", "eos_token":
   "<|endoftext|>"},
 "pre_tokenizer": [{"type": "ByteLevel", "add_prefix_space": "@add_prefix_space",
   "trim_offsets": true}],
 "decoder": [{"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true}, {"type":
   "Fuse"}, {"type": "Replace", "pattern": {"Regex": "<\\|(\\d+\\.\\d+)\\|>"}, "content": ""}],
 "template": ["w0A0e0", "w0A0B1e1"]})json"},

Row{TokenizerClass::xglm, R"json(
{"model": {"type": "Unigram", "unk_id": 3},
 "options": {"add_prefix_space": true},
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "</s>", "pad_token": "<pad>", "cls_token": "<s>"},
 "extra": ["<madeupword0>", "<madeupword1>", "<madeupword2>", "<madeupword3>",
   "<madeupword4>", "<madeupword5>", "<madeupword6>"],
 "normalizer": [{"type": "Precompiled"}, {"type": "Replace", "pattern": {"Regex": " {2,}"},
   "content": " "}],
 "pre_tokenizer": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme":
   "@add_prefix_space"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "@add_prefix_space"}],
 "template": ["e0A0", "e0A0e0e0B0"]})json"},

Row{TokenizerClass::xlnet, R"json(
{"model": {"type": "Unigram", "unk_id": "@unk_id"},
 "options": {"unk_id": 0, "do_lower_case": false},
 "padding_side": "left",
 "tokens": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token":
   "<sep>", "pad_token": "<pad>", "cls_token": "<cls>", "mask_token": {"content": "<mask>",
   "lstrip": true}},
 "extra": ["<eop>", "<eod>"],
 "extra_rule": "instead",
 "normalizer": [{"type": "Replace", "pattern": {"String": "``"}, "content": "\""}, {"type":
   "Replace", "pattern": {"String": "''"}, "content": "\""}, {"type": "NFKD"}, {"type":
   "StripAccents"}, {"type": "Lowercase", "if": "do_lower_case"}, {"type": "Precompiled"}],
 "pre_tokenizer": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁",
   "prepend_scheme": "always"}],
 "decoder": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}],
 "template": ["A0s0c2", "A0s0B1s1c2"]})json"},

};
// clang-format on

}  // namespace

std::optional<ClassRecipe> class_recipe(TokenizerClass cls) {
  for (const Row& row : kRecipes) {
    if (row.cls == cls) return Json::parse(row.recipe);
  }
  return std::nullopt;
}

}  // namespace typecase
