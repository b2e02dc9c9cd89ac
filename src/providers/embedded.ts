/** Our own engine as a provider: requests go straight into the child process on this computer. */
import { chatSampling } from '../engine/chatSampling.ts';
import type { Engine } from '../engine/engine.ts';
import type { Provider } from '../models/model.ts';
import { samplingOf } from './sampling.ts';

/** A provider that asks the engine of one model file. Nothing leaves the machine. */
export function embeddedProvider(engine: Pick<Engine, 'infill' | 'chat' | 'readAhead' | 'count'>): Provider {
  return {
    stream(request, _send, onProgress, signal) {
      switch (request.kind) {
        case 'infill':
          return engine.infill(request, onProgress, signal);
        case 'chat':
          return engine.chat(request, onProgress, signal);
      }
    },
    count: (request, signal) => engine.count(request, signal),
    sampling(request) {
      const { topP, topK } = chatSampling;
      return request.kind === 'chat' ? { ...samplingOf(request), topP, topK } : samplingOf(request);
    },
    readAhead: (request, onProgress, signal) => engine.readAhead(request, onProgress, signal),
  };
}
