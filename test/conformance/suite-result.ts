/** What a suite of fixtures came to. Zero fixtures are a miss, never a pass. */
export interface SuiteResult {
  readonly suite: string;
  readonly passed: number;
  readonly total: number;
  readonly misses: readonly { readonly name: string; readonly reason: string }[];
}
