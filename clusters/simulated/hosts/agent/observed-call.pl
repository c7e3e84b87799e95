# What a call that waits for the observer is about, read from the memory of the program that makes it.
our (%NR);

# Calls that change what folders hold: where their mode stands, -1 for none, and of each of their files where folder (-1 for none) and path
# stand, and what has to be with it (`entry_outcome`). A link's text is told as it is written.
my ($old, $new, $gone, $put) = ([old => 1], [new => 1, changed => 1], [old => 1, changed => 1], [changed => 1]);
my %told_changes = (
  chmod => [1, [-1, 0, $old]], fchmodat => [2, [0, 1, $old]],
  mkdir => [1, [-1, 0, $new]], mkdirat => [2, [0, 1, $new]], mknod => [1, [-1, 0, $new]], mknodat => [2, [0, 1, $new]],
  rmdir => [-1, [-1, 0, $gone]], unlink => [-1, [-1, 0, $gone]], unlinkat => [-1, [0, 1, $gone]],
  rename => [-1, [-1, 0, $gone], [-1, 1, $put]], renameat => [-1, [0, 1, $gone], [2, 3, $put]], renameat2 => [-1, [0, 1, $gone], [2, 3, $put]],
  link => [-1, [-1, 0, $old], [-1, 1, $new]], linkat => [-1, [0, 1, $old], [2, 3, $new]],
  symlink => [-1, [-1, 0], [-1, 1, $new]], symlinkat => [-1, [-1, 0], [1, 2, $new]],
);
my %changing; # by number

# The program that a container, or somebody's exec in it, begins with.
sub first_event {
  my ($call) = @_;
  my ($cwd, $file, @words) = @{$call->{first}};
  return if $file eq '';
  return ('execve', process_of($call, $cwd), $file, @words);
}

# Of a call: what it is, who makes it, and what it is about; nothing of a call that nobody asks for.
sub event_of {
  my ($call) = @_;
  my ($pid, $number, $arguments) = @{$call}{qw(pid number arguments)};
  my $memory = memory_of($call) or return;
  my $is = sub { grep { $NR{$_} == $number } @_ };
  if ($is->('execve', 'execveat')) {
    my ($folder, $path, $argv) = $number == $NR{execve} ? (-100, @$arguments) : @$arguments;
    my $file = plain_path(written_path($pid, $folder, text_at($memory, $path)));
    my @words = texts_at($memory, $argv);
    $file = named_program($pid, readlink("/proc/$pid/exe") // '', $words[0] // '') if $file eq '/proc/self/exe';
    return if outcome_of($pid, $file, 1) ne '';
    return ('execve', process_of($call), $file, @words);
  }
  if ($is->('connect')) {
    my $size = $arguments->[2] < 28 ? $arguments->[2] : 28;
    my $address = bytes_at($memory, $arguments->[1], $size);
    my $family = length $address < 8 ? 0 : unpack('S', $address);
    return unless $family == 2 || ($family == 10 && length $address >= 24);
    my $host = $family == 2 ? join('.', unpack('x4 C4', $address)) : join(':', unpack('x8 (H4)8', $address));
    my $type = socket_type($pid, $arguments->[0] & 0xffffffff);
    return ('connect', process_of($call), $type, $host, unpack('x2 n', $address));
  }
  my $name = ($is->('openat2', 'openat', 'open', 'creat'))[0] // return change_of($call, $memory);
  my ($written, $flags) = opened_file($pid, $memory, $name, $arguments);
  my $file = plain_path($written);
  my $want = (4, 2, 6, 0)[$flags & 3] | ($flags & 0100 ? 8 : 0) | ($flags & 0200 ? 16 : 0);
  my ($outcome, $kind) = outcome_of($pid, $file, $want);
  return ($name, process_of($call), $file, $flags & 0xffffffff, $outcome, $kind // '');
}

# A call that changes what folders hold: how it is going to end, its mode and its files.
sub change_of {
  my ($call, $memory) = @_;
  my ($pid, $number, $arguments) = @{$call}{qw(pid number arguments)};
  %changing = map { $NR{$_} => $_ } keys %told_changes unless %changing;
  my $name = $changing{$number} // return;
  my ($mode, @places) = @{$told_changes{$name}};
  my ($error, @files) = ('');
  for my $place (@places) {
    my ($folder, $path, $wanted) = @$place;
    my $text = text_at($memory, $arguments->[$path]);
    $text = plain_path(written_path($pid, $folder < 0 ? -100 : $arguments->[$folder], $text)) if $wanted;
    push @files, $text;
    $error ||= entry_outcome($pid, $text, @$wanted) if $wanted;
  }
  return ($name, process_of($call), $error, $mode < 0 ? '' : $arguments->[$mode] & 07777, @files);
}

# The path and the flags of a call that opens a file.
sub opened_file {
  my ($pid, $memory, $name, $arguments) = @_;
  my ($folder, $path, $flags) = $name =~ /^openat/ ? @$arguments : (-100, $arguments->[0], $name eq 'creat' ? 01101 : $arguments->[1]);
  $flags = unpack('Q', bytes_at($memory, $flags, 8)) // 0 if $name eq 'openat2';
  return (written_path($pid, $folder, text_at($memory, $path)), $flags);
}

# `tcp` or `udp` of a program's socket: its number is looked for among its network's.
sub socket_type {
  my ($pid, $fd) = @_;
  my ($number) = (readlink("/proc/$pid/fd/$fd") // '') =~ /^socket:\[(\d+)\]$/ or return '';
  for my $type (qw(udp udp6)) {
    open(my $file, '<', "/proc/$pid/net/$type") or next;
    while (<$file>) { return 'udp' if (split)[9] eq $number }
  }
  return 'tcp';
}

# The memory of who makes it, while it waits.
sub memory_of {
  my ($call) = @_;
  return $call->{memory} if $call->{memory};
  open(my $memory, '<', "/proc/$call->{pid}/mem") or return;
  return $call->{memory} = $memory;
}

sub bytes_at {
  my ($memory, $address, $size) = @_;
  sysseek($memory, $address, 0) or return '';
  my $got = sysread($memory, my $bytes, $size);
  # The page behind may be nobody's.
  if (!$got && $size > 4096 - $address % 4096) { sysseek($memory, $address, 0); $got = sysread($memory, $bytes, 4096 - $address % 4096) }
  return $got ? $bytes : '';
}

sub text_at { $_[1] ? unpack('Z*', bytes_at($_[0], $_[1], LONGEST)) : '' }

sub texts_at {
  my ($memory, $address) = @_;
  my ($left, @texts) = (LONGEST);
  for my $pointer (unpack('Q*', bytes_at($memory, $address, 8 * MOST_ARGUMENTS))) {
    last if !$pointer || $left <= 0;
    push @texts, substr(text_at($memory, $pointer), 0, $left);
    $left -= length $texts[-1];
  }
  return @texts;
}
