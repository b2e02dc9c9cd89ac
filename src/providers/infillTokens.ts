/** The infill tokens of model families, as data: how prefix and suffix are laid out for those that were trained so. */

/** How one family marks the parts of a prompt. */
export interface InfillTokens {
  /** For people and tests: `qwen2.5-coder`. */
  readonly family: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  /** The suffix comes first; then `middle` is empty and the prefix ends the prompt. Default: the prefix does. */
  readonly isSuffixFirst?: true;
  /** Texts that end an answer where the server lets them through. */
  readonly stops: readonly string[];
}

interface Family extends InfillTokens {
  /** Matched against a model's name in lower case. */
  readonly names: RegExp;
}

const starcoderTokens = { prefix: '<fim_prefix>', suffix: '<fim_suffix>', middle: '<fim_middle>' };
const qwenTokens = { prefix: '<|fim_prefix|>', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' };

/** From the families' own model cards and tokenizer files. */
const families: readonly Family[] = [
  {
    family: 'qwen2.5-coder',
    names: /qwen(2\.5|3)[-_.]?coder|codeqwen/,
    ...qwenTokens,
    stops: ['<|endoftext|>', '<|fim_pad|>', '<|repo_name|>', '<|file_sep|>', '<|im_end|>'],
  },
  {
    family: 'deepseek-coder',
    names: /deepseek[-_]coder/,
    prefix: '<｜fim▁begin｜>',
    suffix: '<｜fim▁hole｜>',
    middle: '<｜fim▁end｜>',
    stops: ['<｜end▁of▁sentence｜>'],
  },
  {
    family: 'starcoder2',
    names: /starcoder/,
    ...starcoderTokens,
    stops: ['<|endoftext|>', '<file_sep>'],
  },
  {
    family: 'granite-code',
    names: /granite[-_.]?(\d[\d.b]*[-_])?code/,
    ...starcoderTokens,
    stops: ['<|endoftext|>'],
  },
  {
    family: 'codellama',
    names: /code[-_]?llama/,
    prefix: '<PRE> ',
    suffix: ' <SUF>',
    middle: ' <MID>',
    stops: ['<EOT>', ' <EOT>'],
  },
  {
    family: 'codegemma',
    names: /codegemma/,
    ...qwenTokens,
    stops: ['<|file_separator|>', '<end_of_turn>', '<eos>'],
  },
  {
    family: 'codestral',
    names: /codestral/,
    prefix: '[PREFIX]',
    suffix: '[SUFFIX]',
    middle: '',
    isSuffixFirst: true,
    stops: ['[PREFIX]', '[SUFFIX]', '</s>'],
  },
];

/** A known family's tokens by a model's name; `undefined`: none is known for it. */
export function infillTokensOf(model: string): InfillTokens | undefined {
  const name = model.toLowerCase();
  return families.find(({ names }) => names.test(name));
}

/** The prompt that asks for the text between. What looks like one of the tokens in the texts is spelled apart. */
export function infillPrompt(tokens: InfillTokens, prefix: string, suffix: string): string {
  const [before, after] = [spelledApart(tokens, prefix), spelledApart(tokens, suffix)];
  return tokens.isSuffixFirst
    ? tokens.suffix + after + tokens.prefix + before
    : tokens.prefix + before + tokens.suffix + after + tokens.middle;
}

/** Servers read these marks wherever they stand, so a document that contains one would end its own prompt. */
function spelledApart(tokens: InfillTokens, text: string): string {
  const marks = [tokens.prefix, tokens.suffix, tokens.middle, ...tokens.stops].map((mark) => mark.trim());
  return marks
    .filter((mark) => mark !== '')
    .reduce((spelled, mark) => spelled.replaceAll(mark, `${mark.slice(0, 1)} ${mark.slice(1)}`), text);
}
