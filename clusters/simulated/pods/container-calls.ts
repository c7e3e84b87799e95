import type { Image } from '../images/image.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import type { ObservedCall } from '../hosts/observed-call.ts';
import type { CallingContainer, ContainerEvent, ContainerEvents } from '../tools/falco/events.ts';
import type { AuditRecord } from './audit-record.ts';
import { argvOf } from './for-real.ts';
import type { PodSandboxes } from './sandbox.ts';
import { userOf } from './users.ts';

interface Listener<T> {
  readonly node: string;
  readonly hear: (event: T) => void;
}

/**
 * What happens in a lab's containers, for whoever watches over them. Real programs are observed by the sandboxes. Of a container that is
 * only modelled or foretold its start is told, and the connections that a modelled program tries to make.
 */
export class ContainerCalls implements ContainerEvents {
  readonly #now: () => number;
  readonly #callers = new Map<string, CallingContainer>();
  /** Containers whose start was told before they really ran. */
  readonly #told = new Set<string>();
  readonly #listeners = new Set<Listener<ContainerEvent>>();
  readonly #recording = new Set<Listener<AuditRecord>>();
  #sandboxes: PodSandboxes | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  subscribe(node: string, hear: (event: ContainerEvent) => void): Disposable {
    const listener = { node, hear };
    this.#listeners.add(listener);
    this.#ask();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        this.#ask();
      },
    };
  }

  records(node: string, hear: (record: AuditRecord) => void): Disposable {
    const listener = { node, hear };
    this.#recording.add(listener);
    return { [Symbol.dispose]: () => void this.#recording.delete(listener) };
  }

  /** From now on these sandboxes are the lab's. */
  attach(sandboxes: PodSandboxes): void {
    this.#sandboxes = sandboxes;
    sandboxes.hearCalls((id, call) => this.#hear(id, call));
    sandboxes.hearRecords((id, record) => {
      const by = this.#callers.get(id);
      for (const { node, hear } of this.#recording) if (node === by?.pod.spec.nodeName) hear(record);
    });
    this.#ask();
  }

  /** A container's process is about to run; its calls come under that id from now on. */
  begins(pod: Pod, container: Container, image: Image, containerID: string): void {
    this.#callers.set(containerID, { id: containerID.replace('containerd://', ''), pod, container, image });
  }

  /** The kubelet calls a container running whose process is modelled, or will run when somebody looks. */
  started(pod: Pod, container: Container, image: Image, containerID: string): void {
    this.begins(pod, container, image, containerID);
    this.#told.add(containerID);
    const argv = argvOf(container, image);
    this.#tell(containerID, { type: 'execve', process: modelled(pod, container, image), path: argv[0] ?? '', argv });
  }

  /** A container's modelled program tries to connect. */
  connects(pod: Pod, container: Container, address: string, port: number): void {
    const id = [...this.#callers].findLast(
      ([, caller]) => caller.pod.metadata.uid === pod.metadata.uid && caller.container.name === container.name,
    );
    if (id === undefined) return;
    const process = modelled(pod, container, id[1].image);
    this.#tell(id[0], { type: 'connect', process, protocol: 'tcp', address, port });
  }

  remove(uid: string): void {
    for (const [id, { pod }] of this.#callers) {
      if (pod.metadata.uid !== uid) continue;
      this.#callers.delete(id);
      this.#told.delete(id);
    }
  }

  clear(): void {
    this.#sandboxes = undefined;
    this.#callers.clear();
    this.#told.clear();
  }

  #ask(): void {
    this.#sandboxes?.wantCalls(this.#listeners.size > 0);
  }

  #hear(containerID: string, call: ObservedCall): void {
    // The start of what was told before it really ran.
    if (call.type === 'execve' && call.process.vpid === 1 && call.process.ppid === 0 && this.#told.delete(containerID))
      return;
    this.#tell(containerID, call);
  }

  #tell(containerID: string, call: ObservedCall): void {
    const by = this.#callers.get(containerID);
    if (by === undefined) return;
    const event = { call, by, time: this.#now() };
    for (const { node, hear } of this.#listeners) if (node === by.pod.spec.nodeName) hear(event);
  }
}

/** Process 1 of a container as it would be, were it real. */
function modelled(pod: Pod, container: Container, image: Image): Extract<ObservedCall, { type: 'execve' }>['process'] {
  const argv = argvOf(container, image);
  const [program = ''] = argv;
  const { uid, gid } = userOf(pod, container, image);
  return {
    pid: 1,
    ppid: 0,
    vpid: 1,
    tty: 0,
    uid,
    gid,
    exepath: program,
    cwd: container.workingDir ?? '/',
    cmdline: argv.join(' '),
    pcmdline: '',
    names: [program.split('/').at(-1)?.slice(0, 15) ?? ''],
  };
}
