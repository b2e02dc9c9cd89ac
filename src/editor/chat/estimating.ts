/** "What would sending this take?" is answered here, by making the prompt and not sending it. */
import type { Budget } from '../../chat/budget.ts';
import type { Conversation } from '../../chat/conversation.ts';
import type { Attachment } from '../../chat/event.ts';
import { promptFor, withRulesFirst, type Prompt } from '../../chat/prompt.ts';
import { leftOutWords } from '../../chat/receiptWords.ts';
import type { Turn } from '../../chat/tree.ts';
import type { Preview, Previewed } from '../../exchange/preview.ts';
import { placeOf } from '../indicator/routeWords.ts';
import type { ChatModel } from './chatModel.ts';
import type { Estimate, EstimateOrder } from './composer.ts';
import { footerWords } from './footer.ts';
import type { UserPrompt } from './context/bringing.ts';
import { expand, type SlashCommand } from './slash.ts';

/** What an estimate is made with. */
export interface EstimatingNeeds {
  readonly conversation: () => Conversation;
  readonly model: () => ChatModel | undefined;
  readonly budgetOf: (model: ChatModel) => Budget;
  /** Sends nothing and never throws. */
  readonly preview: (previewed: Previewed, signal: AbortSignal) => Promise<Preview>;
  /** The user's own. */
  readonly prompts: () => Promise<readonly UserPrompt[]>;
  /** What a command would attach if it were sent now. */
  readonly wouldAttach: (command: SlashCommand) => Promise<readonly Attachment[]>;
}

/** Throws what making the prompt throws: `contextTooLong` where the question alone does not fit. */
export function estimating(needs: EstimatingNeeds): (order: EstimateOrder, signal: AbortSignal) => Promise<Estimate> {
  return async (order, signal) => {
    const chosen = needs.model();
    if (chosen === undefined) return { footer: '', footerHover: '', leftOut: [] };
    const { branch } = needs.conversation();
    const prompt = await promptFor({
      branch: [...branch, await unasked(needs, order)],
      budget: needs.budgetOf(chosen),
      isSmallModel: chosen.isSmall,
    });
    const preview = await needs.preview({ model: chosen.model, request: prompt.request }, signal);
    return estimateOf(chosen, prompt, preview);
  };
}

function estimateOf({ pill }: ChatModel, prompt: Prompt, preview: Preview): Estimate {
  const { tokens, route, cost, readSeconds } = preview;
  const place =
    route.kind === 'internet' ? (route.forwardsTo ?? hostName(route.host) ?? pill.routeWords) : placeOf(route);
  const footer = footerWords({
    ...{ tokens: tokens.value, isExact: tokens.isExact, place, cost },
    ...(readSeconds === undefined ? {} : { readSeconds }),
  });
  const { limitTokens } = prompt;
  return {
    footer,
    footerHover: hoverWords(preview, prompt),
    ...(limitTokens === undefined ? {} : { fill: { usedTokens: prompt.usedTokens, limitTokens } }),
    leftOut: prompt.sent.leftOut,
  };
}

function hoverWords({ tokens, cost, readSeconds }: Preview, { sent, limitTokens }: Prompt): string {
  const lines = [
    tokens.isExact ? "Counted by the model's own tokenizer." : 'Estimated: the model counts when it is asked.',
    ...(typeof cost === 'object' ? ['From the prompt alone to the longest answer, at the prices that are known.'] : []),
    ...(readSeconds === undefined ? [] : ['Reading at the speed that was measured on this computer.']),
    ...(limitTokens === undefined
      ? ['Limit unknown: how much the model takes has not been told, so nothing is left out yet.']
      : []),
    ...(sent.leftOut.length === 0 ? [] : ['Not all of it fits:', ...sent.leftOut.map(leftOutWords)]),
  ];
  return lines.join('\n');
}

/** A question that was not asked yet, as a turn. */
async function unasked({ prompts, wouldAttach }: EstimatingNeeds, { text, attachments }: EstimateOrder): Promise<Turn> {
  const expanded = text.trim().startsWith('/') ? expand(text, await prompts()) : undefined;
  const added = expanded === undefined ? [] : await wouldAttach(expanded.command);
  return {
    ...{ id: 'unasked', writer: '', atMs: 0, askedAfter: undefined, model: { id: '', name: '' } },
    question: {
      ...{ text, attachments: withRulesFirst([...attachments, ...added]) },
      ...(expanded === undefined ? {} : { prompt: expanded.prompt }),
    },
    ...{ sent: undefined, requestIds: [], text: '', reasoning: '', ended: undefined, isDeleted: false },
  };
}

function hostName(host: string | undefined): string | undefined {
  return host?.replace(/:\d+$/, '');
}
