/**
 * Runs the tasks at once with a signal of their own. When one fails the others are told to stop and are waited for, so that nothing goes
 * on behind the back of who cleans up; then the first failure is thrown.
 */
export async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  tasks: { readonly [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> },
): Promise<T> {
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  let failure: { readonly error: unknown } | undefined;
  const run = async (task: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> => {
    try {
      return await task(own);
    } catch (error) {
      failure ??= { error };
      stop.abort(error);
      return undefined;
    }
  };
  const results = await Promise.all((tasks as readonly ((signal: AbortSignal) => Promise<unknown>)[]).map(run));
  if (failure !== undefined) throw failure.error;
  return results as unknown as T;
}
