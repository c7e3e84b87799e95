/** A tool of the project that looks at the sources without running them. */
export interface FormCheck {
  /** As `breachlab test --only NAME` takes it. */
  readonly name: string;
  /** Below node_modules. */
  readonly program: string;
  readonly args: readonly string[];
}

/** Folders whose imports the arrows of dependency-cruiser.json rule. */
const SOURCES = ['protocol', 'clusters', 'grader', 'server', 'cli', 'web/src', 'test', 'bench', 'docs'] as const;

/** What `breachlab test` proves before it runs the tests, in order. The only list of them: package.json's scripts name its entries. */
export const FORM_CHECKS: readonly FormCheck[] = [
  { name: 'format', program: 'oxfmt/bin/oxfmt', args: ['--check', '.'] },
  { name: 'types', program: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'lint', program: 'oxlint/bin/oxlint', args: ['--type-aware', '--max-warnings', '0'] },
  {
    name: 'arrows',
    program: 'dependency-cruiser/bin/dependency-cruise.mjs',
    args: ['--config', 'dependency-cruiser.json', ...SOURCES],
  },
];
