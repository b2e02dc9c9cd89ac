/** A question that begins with `/` becomes what the model is told in its place, and what has to go with it. Pure. */
import type { UserPrompt } from './context/bringing.ts';

/** A command, as it is offered and expanded. */
export interface SlashCommand {
  /** Without the `/`. */
  readonly name: string;
  /** For the list. */
  readonly description: string;
  /** What is attached where nothing is: the selection, else the file it is in; what is wrong in it as well; changes. */
  readonly wants: 'code' | 'problems' | 'diff' | 'nothing';
  /** What the model is told; what stands behind the command comes after it. */
  readonly prompt: string;
}

/** Those that are always there, in the order they are listed. */
export const builtIn: readonly SlashCommand[] = [
  {
    name: 'explain',
    description: 'Explain the selected code',
    wants: 'code',
    prompt: 'Explain this code: what it does, step by step, and what is easy to get wrong in it.',
  },
  {
    name: 'fix',
    description: 'Mend what is wrong in the selected code',
    wants: 'problems',
    prompt: 'Find what is wrong in this code and show the corrected code in one block. Change nothing else.',
  },
  {
    name: 'tests',
    description: 'Write tests for the selected code',
    wants: 'code',
    prompt: 'Write tests for this code, with the test library that the project uses if that can be seen.',
  },
  {
    name: 'doc',
    description: 'Document the selected code',
    wants: 'code',
    prompt: "Write documentation comments for this code in its language's own style. Show the code with them.",
  },
  {
    name: 'review',
    description: 'Review the uncommitted changes',
    wants: 'diff',
    prompt: 'Review these changes. Name defects first, each with its file and line, then what could be simpler.',
  },
  {
    name: 'commit',
    description: 'Write a commit message for the uncommitted changes',
    wants: 'diff',
    prompt:
      'Write a commit message for these changes: a title of at most 60 characters that says what they do, an empty ' +
      'line, and if it needs saying why they were made. Answer with the message alone, in one code block.',
  },
];

/** What a typed question comes to. */
export interface Expanded {
  readonly command: SlashCommand;
  /** The user's own prompt behind the command; `undefined`: it is a built-in one. */
  readonly userPrompt: UserPrompt | undefined;
  /** What the model is told in the place of what was typed. */
  readonly prompt: string;
}

/** The command a question begins with; `undefined`: with none that there is. Built-in ones go before the user's. */
export function expand(text: string, userPrompts: readonly UserPrompt[]): Expanded | undefined {
  const [, name = '', rest = ''] = /^\/([\w-]+)(?:\s+([^]*))?$/.exec(text.trim()) ?? [];
  const own = userPrompts.find((each) => each.name === name.toLowerCase());
  const command = builtIn.find((each) => each.name === name.toLowerCase()) ?? (own && commandOf(own));
  if (command === undefined) return undefined;
  const prompt = rest.trim() === '' ? command.prompt : `${command.prompt}\n\n${rest.trim()}`;
  return { command, userPrompt: builtIn.includes(command) ? undefined : own, prompt };
}

/** All that can be typed after a `/`. */
export function commandsFor(query: string, userPrompts: readonly UserPrompt[]): readonly SlashCommand[] {
  const own = userPrompts.filter(({ name }) => !builtIn.some((each) => each.name === name)).map(commandOf);
  return [...builtIn, ...own].filter(({ name }) => name.startsWith(query.toLowerCase()));
}

function commandOf({ name, description, text }: UserPrompt): SlashCommand {
  return { name, description, wants: 'nothing', prompt: text.trim() };
}
