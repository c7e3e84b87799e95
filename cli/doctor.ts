import { Command } from 'commander';
import type { Finding } from '../clusters/cluster.ts';
import { backendOf } from './backends.ts';
import type { CommandContext } from './context.ts';
import { Failure } from './failure.ts';
import { backendOption, imageOption, type KindFlags, mirrorOption } from './shared-options.ts';

/** `breachlab doctor`: what is missing, and the command that mends it. Changes nothing. Exit status 1 when labs cannot run. */
export const doctorCommand = (context: CommandContext): Command =>
  new Command('doctor')
    .description('say what is missing and how to mend it')
    .addOption(backendOption())
    .addOption(imageOption())
    .addOption(mirrorOption())
    .option('--json', 'an array of findings')
    .action(async ({ backend, json, ...kind }: KindFlags & { backend: string; json?: true }) => {
      const { stdout, signal } = context;
      const findings: Finding[] = [...(await (await backendOf(context, { name: backend, kind })).doctor(signal))];
      const { stepsFor } = await import('./setup/needs.ts');
      for (const step of stepsFor(['clients', ...(backend === 'kind' ? (['kind'] as const) : []), 'page'], context)) {
        if (await step.isDone()) continue;
        const remedy = '`./breachlab up` does it by itself';
        findings.push({ what: `Not done yet: ${step.title}.`, remedy, severity: 'warning' });
      }
      if (json === true) stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
      else {
        if (findings.every(({ severity }) => severity === 'note')) stdout.write('All is well.\n');
        for (const { what, remedy, severity } of findings) stdout.write(`${severity}: ${what}\n  → ${remedy}\n`);
      }
      if (findings.some(({ severity }) => severity === 'error')) throw new Failure(1);
    });
