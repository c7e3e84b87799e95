/**
 * One thing a command needs before it can start. Steps run in order; one that is done already costs a look at the file system.
 * Pure description: what runs it is `setUp` in this folder.
 */
export interface SetupStep {
  /** A present participle for the progress line: `fetching kubectl and helm`. */
  readonly title: string;
  isDone(): Promise<boolean>;
  /** Throws `LabError` with the next step when it cannot be done. `detail` replaces what is shown after the title. */
  run(detail: (text: string) => void, signal: AbortSignal): Promise<void>;
}

/** Where progress goes. On a terminal each step keeps one line; elsewhere it gets one line at its start. */
export interface Progress {
  begin(title: string): void;
  detail(text: string): void;
  end(outcome: 'done' | 'failed', milliseconds: number): void;
}

/** Runs the steps that are not done. Says nothing when all are. */
export async function setUp(
  steps: readonly SetupStep[],
  progress: Progress,
  clock: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (const step of steps) {
    if (await step.isDone()) continue;
    const started = clock();
    progress.begin(step.title);
    try {
      await step.run((text) => progress.detail(text), signal);
      progress.end('done', clock() - started);
    } catch (error) {
      progress.end('failed', clock() - started);
      throw error;
    }
  }
}

/** Progress as text on a stream. */
export function progressOn(stream: { write(text: string): unknown; isTTY?: boolean; columns?: number }): Progress {
  let title = '';
  const line = (text: string): string => text.slice(0, (stream.columns ?? 80) - 1);
  return {
    begin(text) {
      title = text;
      stream.write(stream.isTTY === true ? line(`· ${title} …`) : `· ${title} …\n`);
    },
    detail(text) {
      if (stream.isTTY === true) stream.write(`\r\u001b[2K${line(`· ${title}: ${text}`)}`);
    },
    end(outcome, milliseconds) {
      const seconds = (milliseconds / 1000).toFixed(1);
      if (stream.isTTY === true)
        stream.write(`\r\u001b[2K${line(`${outcome === 'done' ? '✓' : '✗'} ${title} (${seconds} s)`)}\n`);
      else stream.write(`${outcome === 'done' ? '✓' : '✗'} ${title} (${seconds} s)\n`);
    },
  };
}
