// Runs before the first paint, so that a chosen theme never flashes the other one. Mantine reads and writes the same key.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('breachlab.colour-scheme');
  } catch {
    // Storage is refused: the system's preference decides.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
