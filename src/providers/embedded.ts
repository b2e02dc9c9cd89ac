/** Our own engine as a provider: requests go straight into the child process on this computer. */
import type { Engine } from '../engine/engine.ts';
import type { Provider } from '../models/model.ts';
import { withoutTools } from './chatMessages.ts';
import { samplingOf } from './sampling.ts';

/** For people, where the model's name is not at hand. */
const inEngine = 'The model in Paddock’s own engine';

/**
 * A provider that asks the engine of one model file. Nothing leaves the machine. It has no tools called: each family of
 * models writes its calls in a way of its own, which a template shows and does not say how to read.
 */
export function embeddedProvider(engine: Pick<Engine, 'infill' | 'chat' | 'readAhead' | 'count'>): Provider {
  return {
    stream(request, _send, onProgress, signal) {
      switch (request.kind) {
        case 'infill':
          return engine.infill(request, onProgress, signal);
        case 'chat':
          return engine.chat(withoutTools(request, inEngine), onProgress, signal);
      }
    },
    count: async (request, signal) => engine.count(withoutTools(request, inEngine), signal),
    sampling: (request) => samplingOf(request),
    readAhead: (request, onProgress, signal) => engine.readAhead(request, onProgress, signal),
  };
}
