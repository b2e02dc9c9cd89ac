/** Our own engine as a provider: requests go straight into the child process on this computer. */
import type { Engine } from '../engine/engine.ts';
import { Failure } from '../base/failure.ts';
import type { Provider } from '../models/model.ts';

/** A provider that asks the engine of one model file. Nothing leaves the machine. */
export function embeddedProvider(engine: Pick<Engine, 'infill' | 'readAhead'>): Provider {
  return {
    stream(request, _send, onProgress, signal) {
      if (request.kind === 'infill') return engine.infill(request, onProgress, signal);
      throw new Failure('requestInvalid', 'The engine on this computer cannot chat yet.', { action: 'switchProvider' });
    },
    readAhead: (request, onProgress, signal) => engine.readAhead(request, onProgress, signal),
  };
}
