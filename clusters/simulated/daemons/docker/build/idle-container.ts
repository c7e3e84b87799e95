import type { ContainerRun } from '../container-run.ts';
import type { Engine } from '../engine.ts';
import type { EngineContainer } from '../engine-container.ts';
import type { EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';

/** A container of an image that does nothing, for somebody to do things in. Disposing of it removes it. */
export interface IdleContainer extends AsyncDisposable {
  readonly container: EngineContainer;
  readonly run: ContainerRun;
}

/** Throws `EngineRefusal`. */
export async function idleContainer(engine: Engine, image: EngineImage): Promise<IdleContainer> {
  const container = engine.create(undefined, {
    Image: image.id,
    Entrypoint: ['/bin/sh', '-c', 'exec sleep 2147483647'],
    User: '0',
  });
  await using resources = new AsyncDisposableStack();
  resources.defer(() => engine.remove(container, true));
  await container.start();
  const { run } = container;
  if (run === undefined) throw new EngineRefusal(500, 'a container that is to do nothing has ended');
  const kept = resources.move();
  return { container, run, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
