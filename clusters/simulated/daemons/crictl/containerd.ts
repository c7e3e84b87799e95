import type { Unit } from '../systemd/unit.ts';
import type { CriRuntime } from './crictl.ts';

export interface Containerd extends Unit {
  /** What it serves on its socket; undefined while it does not run. Containers live on without it, as their shims do. */
  readonly runtime: CriRuntime | undefined;
}

/** containerd as far as `crictl` sees it. Its messages are containerd's (github.com/containerd/containerd, cmd/containerd). */
export function containerd(served: CriRuntime): Containerd {
  let running = false;
  return {
    start(launch) {
      running = true;
      launch.log('level=info msg="starting containerd"');
      launch.log('level=info msg=serving... address=/run/containerd/containerd.sock');
      launch.log('level=info msg="containerd successfully booted"');
      return Promise.resolve(undefined);
    },
    stop() {
      running = false;
      return Promise.resolve();
    },
    get runtime() {
      return running ? served : undefined;
    },
  };
}
