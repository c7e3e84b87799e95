# Attaches to the terminal of a session, and starts it where there is none: a holder that lives on when this ends, at a socket of the
# session's name. Beside it lies what it ended with; the holder has that file locked as long as it lives.
# Fields: session, `open`, rows, columns, folder, number of variables, variables, words. `find` instead of `open` starts none; `look` does
# not attach either, and tells how it ended if it has.
# To the server: packet 2, 1 if it was running, 0 if not; 1 what it shows; 3 exit status. From it: as pump_terminal.
my ($session, $how, $rows, $columns, $cwd, $count, @words) = asked();
my @env = splice @words, 0, 2 * $count;
my $folder = '/run/breachlab';
mkdir $folder, 0700;
if ($how eq 'look') {
  my $left = open(my $file, '<', "$folder/$session.status");
  write_all(\*STDOUT, $left ? status_packet($file) : pack('CN/a*', 3, pack('N', 137)));
  exit;
}
my $turn = locked("$folder/$session.turn");
my $client = attach();
my $resumed = $client ? 1 : 0;
if (!$client && $how eq 'open') {
  hold();
  $client = attach() // die "$folder/$session: $!\n";
}
open(my $outcome, '<', "$folder/$session.status");
close($turn);
tell_packet(\*STDOUT, 2, $resumed);
relay($client, 0, sub { status_packet($outcome) }) if $client;

sub locked {
  my ($path) = @_;
  open(my $file, '>>', $path) or die "$path: $!\n";
  flock($file, 2) or die "$path: $!\n";
  return $file;
}

sub attach {
  socket(my $socket, 1, 1, 0) or die "socket: $!\n";
  return connect($socket, pack('S a*', 1, "$folder/$session\0")) ? $socket : undef;
}

# A holder that was killed left no status; one that lives has given its terminal to somebody else.
sub status_packet {
  my ($outcome) = @_;
  sysread($outcome, my $status, 16);
  return '' unless length $status || flock($outcome, 2 | 4);
  return pack('CN/a*', 3, pack('N', length $status ? $status : 137));
}

sub hold {
  unlink "$folder/$session", "$folder/$session.status";
  socket(my $listener, 1, 1, 0) or die "socket: $!\n";
  bind($listener, pack('S a*', 1, "$folder/$session\0")) && listen($listener, 16) or die "$folder/$session: $!\n";
  my $ending = locked("$folder/$session.status");
  my $holder = fork() // die "fork: $!\n";
  return if $holder;
  new_session();
  close($turn);
  my ($terminal, $slave) = open_terminal();
  resize($terminal, $rows, $columns);
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>', '/dev/null');
  open(STDERR, '>', '/dev/null');
  my ($pid, $failure) = launch($cwd, \@env, \@words, $slave);
  my $ended = pidfd($pid);
  my $client = pump_terminal($terminal, $listener, $ended, sub { kill_tree($pid) }, join('', <$failure>), 1);
  close($listener);
  put_down($pid);
  syswrite($ending, status_of($?));
  exit;
}
