/** "How long may it be?" is answered here, also before anybody has told. Pure. */
import type { ChatModel } from './chatModel.ts';

/** Of a server that did not tell; most have more. */
const unknownContextTokens = 8_192;

/** The context of the model picked for chat. @param local that our own engine will have, as long as it does not run. */
export function contextTokensOf({ model, contextTokens }: ChatModel, local: number): number {
  return contextTokens ?? (model.provider === 'embedded' ? local : unknownContextTokens);
}
