/** Says each step of a lab's way when it begins, once: for whoever waits. */
export function toldSteps(stream: { write(text: string): unknown }): (step: string) => void {
  let last = '';
  return (step) => {
    if (step !== last) stream.write(`· ${step} …\n`);
    last = step;
  };
}
