import { posix } from 'node:path';
import type { ContainerRun } from '../container-run.ts';
import type { EngineContainer } from '../engine-container.ts';
import { type BuiltImage, configOf, type EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import { variables } from '../container-config.ts';
import { CONTEXT, ENV, type Layer, layerSince, listRoot, mergedLayers, type RootListing } from './layer.ts';
import { accountOf, argvAs } from '../image-accounts.ts';

const NOTHING: Layer = { files: [], gone: new Set() };

/** A stage of a build while it is made: its configuration so far, and a container once something has to be done in one. */
export class StageInProgress {
  readonly from: EngineImage;
  readonly config: { -readonly [K in keyof BuiltImage['config']]: BuiltImage['config'][K] };
  readonly history: string[] = [];
  readonly #makeContainer: (image: EngineImage) => Promise<EngineContainer>;
  readonly #signal: AbortSignal;
  #container: EngineContainer | undefined;
  #before: RootListing | undefined;

  constructor(from: EngineImage, makeContainer: (image: EngineImage) => Promise<EngineContainer>, signal: AbortSignal) {
    this.from = from;
    this.config = { ...configOf(from) };
    this.#makeContainer = makeContainer;
    this.#signal = signal;
  }

  /** The container that steps are done in. Throws `EngineRefusal`. */
  async container(): Promise<{ readonly container: EngineContainer; readonly run: ContainerRun }> {
    this.#container ??= await this.#makeContainer(this.from);
    const { run } = this.#container;
    if (run === undefined) throw new EngineRefusal(500, 'the container of the build has ended');
    this.#before ??= await listRoot(run.process, this.#signal);
    return { container: this.#container, run };
  }

  /** Runs a program as root and returns its exit status. */
  async asRoot(...argv: readonly string[]): Promise<number> {
    const { run } = await this.container();
    const program = await run.process.exec(argv, ENV, '/', this.#signal);
    program.stdin.end();
    program.stdout.resume();
    program.stderr.resume();
    return program.exited;
  }

  /** Runs a step's command line in the stage's folder, as its user, with its variables. Throws `EngineRefusal` for a user that is not there. */
  async command(
    argv: readonly string[],
    args: Readonly<Record<string, string>>,
    show: (bytes: Buffer) => void,
  ): Promise<number> {
    const { run } = await this.container();
    const { user, workingDir } = this.config;
    const passwd = (await this.text('/etc/passwd')) ?? '';
    const account = accountOf(user, passwd, (await this.text('/etc/group')) ?? '');
    const env = { ...run.env, HOME: account.home, ...args, ...variables(this.config.env) };
    const program = await run.process.exec(
      argvAs(account, argv),
      env,
      workingDir === '' ? '/' : workingDir,
      this.#signal,
    );
    program.stdin.end();
    program.stdout.on('data', show);
    program.stderr.on('data', show);
    return program.exited;
  }

  /** A path of the stage's: relative ones begin at its folder. */
  path(text: string): string {
    return posix.resolve(this.config.workingDir === '' ? '/' : this.config.workingDir, text);
  }

  /** The beginning of a text file in its root. */
  async text(path: string): Promise<string | undefined> {
    const { run } = await this.container();
    return (await run.process.readFile(path, 64 * 1024))?.toString('utf8');
  }

  /** What it has become, and paths whose owners an image here does not keep. */
  async finish(): Promise<{ readonly built: BuiltImage; readonly owned: readonly string[] }> {
    const base = this.from.built;
    const { config, history } = this;
    const all = [...(base?.history ?? []), ...history];
    const { user } = config;
    if (this.#container === undefined || this.#before === undefined) {
      const passwd = base?.passwd;
      return {
        built: { config, history: all, layer: base?.layer ?? NOTHING, ...(passwd === undefined ? {} : { passwd }) },
        owned: [],
      };
    }
    const { run } = await this.container();
    const passwd = (await this.text('/etc/passwd')) ?? '';
    if (user !== '') accountOf(user, passwd, (await this.text('/etc/group')) ?? '');
    const { layer, owned } = await layerSince(run.process, this.#before, this.#signal);
    return {
      built: {
        config,
        history: all,
        layer: mergedLayers(base?.layer, layer),
        passwd,
        group: (await this.text('/etc/group')) ?? '',
      },
      owned: owned.filter((path) => !path.startsWith(CONTEXT)),
    };
  }
}
