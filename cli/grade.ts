import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { LabError } from '../clusters/cluster.ts';
import type { NamedReport } from '../grader/report/submission-report.ts';
import { readyBackend } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { scenarioDirectory } from './scenarios.ts';
import { type SubmissionFlags, withSubmissionOptions } from './shared-options.ts';

interface GradeOptions extends SubmissionFlags {
  readonly scenario: string;
  readonly format: 'text' | 'json' | 'junit' | 'csv' | 'markdown';
}

/** `breachlab grade`: each submission in a fresh lab of its own. Exit status 0 only when all of them pass. */
export const gradeCommand = (context: CommandContext): Command =>
  withSubmissionOptions(
    new Command('grade')
      .description('grade submissions, each in a fresh lab')
      .argument('<submission...>', 'folders with fix.sh, manifests/ or hosts/<host>/…')
      .requiredOption('--scenario <id>', 'what they are to fix'),
  )
    .addOption(
      new Option('--format <format>', 'of the report on standard output')
        .choices(['text', 'json', 'junit', 'csv', 'markdown'])
        .default('text'),
    )
    .action(async (directories: string[], options: GradeOptions) => {
      const { scenario: id, scenarios, backend: name, format, jobs } = options;
      const { stdout, stderr } = context;
      for (const directory of directories) await mustBeFolder(directory);
      const [{ gradeSubmissions }, { loadScenario }, { isComplete }] = await Promise.all([
        import('./grade-submissions.ts'),
        import('../grader/scenario/load.ts'),
        import('../grader/report/submission-report.ts'),
      ]);
      const scenario = await loadScenario(scenarioDirectory(context, scenarios), id);
      const backend = await readyBackend(context, { name, needs: ['hosts', 'clients'], kind: options });
      const reports = await gradeSubmissions({
        submissions: named(directories),
        scenario,
        backend,
        jobs,
        random: context.random,
        signal: context.signal,
        onReport: ({ name, report }) => stderr.write(`${name}: ${report.score.earned} of ${report.score.total}\n`),
      });
      stdout.write(await rendered(format, reports, context.colour));
      if (!reports.every(isComplete)) throw new Failure(1);
    });

/** Before the first lab is made: a batch must not end after an hour with a name that was mistyped. */
async function mustBeFolder(directory: string): Promise<void> {
  const found = await stat(directory).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new LabError(
    found === undefined ? `There is no submission ${directory}.` : `The submission ${directory} is not a folder.`,
    'Name folders that hold fix.sh, manifests/*.yaml or hosts/<host>/<path>.',
  );
}

/** Folders by their own name, or by their whole path where two have the same. */
function named(directories: readonly string[]): readonly { name: string; directory: string }[] {
  const names = directories.map((directory) => basename(directory));
  const unique = new Set(names).size === names.length;
  return directories.map((directory) => ({ name: unique ? basename(directory) : directory, directory }));
}

async function rendered(
  format: GradeOptions['format'],
  reports: readonly NamedReport[],
  colour: boolean,
): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('../grader/report/json.ts')).renderJson(reports);
    case 'junit':
      return (await import('../grader/report/junit.ts')).renderJunit(reports);
    case 'csv':
      return (await import('../grader/report/csv.ts')).renderCsv(reports);
    case 'markdown':
      return (await import('../grader/report/markdown.ts')).renderMarkdown(reports);
    case 'text': {
      return (await import('../grader/report/text.ts')).renderSubmissions(reports, { colour });
    }
    default:
      return format satisfies never;
  }
}
