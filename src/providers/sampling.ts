/** What a request tells a model about choosing tokens. Pure. */
import type { ModelRequest, Sampling } from '../models/model.ts';
import { defined } from './json.ts';

/** @param canBeCold a completion is asked for with temperature 0, which some models refuse. */
export function samplingOf(request: ModelRequest, canBeCold = true): Sampling {
  if (request.kind === 'infill') return { maxTokens: request.maxTokens, ...(canBeCold ? { temperature: 0 } : {}) };
  return defined({ maxTokens: request.maxTokens, temperature: request.temperature });
}
