# Tells the server of programs that start in containers, of files that they open and of connections that they make: what falco listens to.
# Each such system call of a container waits (seccomp_unotify(2)) until the observer, a process of the supervisor's, has had a look and lets
# it go on. A container's own filters come first: what they refuse is not seen. What is told of a call is read from its memory while it
# waits; another thread of the program could change that before the kernel reads it, as with every observer of this kind.
our (%NR, %hosts, %children, $CHANNEL, $HANDLES);
# Where a container's last step hands its calls over; the observer has the other end.
our $OBSERVER;

sub RECEIVE() { 0xc0502100 }
sub ANSWER() { 0xc0182101 }
sub GO_ON() { 1 }
sub READABLE() { 1 }
sub HUNG_UP() { 0x18 }
# What is told of one container a second, and at once; the rest is counted.
sub EVENTS_A_SECOND() { 100 }
sub BURST() { 500 }
# Bytes of events that wait for a server that is busy.
sub MOST_PENDING() { 1 << 19 }
sub MOST_ARGUMENTS() { 64 }
sub LONGEST() { 4096 }
sub LONGEST_RULES() { 1 << 16 }
sub EACCES() { 13 }

# Forks the observer, if there is none, and returns the server's connection to it.
sub start_observer {
  socketpair(my $line, my $theirs, 1, 5, 0) or die "socketpair: $!\n";
  socketpair(my $server, my $events, 1, 1, 0) or die "socketpair: $!\n";
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    $0 = 'breachlab-observer';
    $^W = 0; # what it reads is a learner's
    # Namespaces and sockets that it would hold open live as long as those whose they are.
    my @kept = sort { $a <=> $b } map { fileno $_ } $theirs, $events;
    my $from = 3;
    for (@kept, 1 << 20) { syscall($NR{close_range}, $from, $_ - 1, 0) if $from < $_; $from = $_ + 1 }
    eval { observe($theirs, $events) };
    exit_now(0);
  }
  $OBSERVER = $line;
  $children{$pid} = {ended => pidfd($pid), gone => sub { $OBSERVER = undef if $OBSERVER && $OBSERVER == $line }};
  return $server;
}

# In a container, right before it is confined: from now on its calls wait for the observer. A kernel that cannot do that, or a machine whose
# own containers are observed so already, leaves it unobserved. The first program is told here, for the memory of the process that is
# about to become it is the supervisor's, where nobody looks.
sub report_calls {
  my ($name, $cwd, $file, @argv) = @_;
  return unless $OBSERVER;
  # From the filter on until the observer has its end, this process may open nothing.
  my $said = substr(pack('(N/a*)*', $name, $cwd, real_program($file), @argv[0 .. ($#argv < MOST_ARGUMENTS ? $#argv : MOST_ARGUMENTS)]), 0, LONGEST);
  my $filter = observed_filter($name);
  my $program = pack('S x6 P', length($filter) / 8, $filter);
  # Killable while it waits, and not disturbed by other signals, which would make the call be told twice; Linux 5.19.
  my $listener = syscall($NR{seccomp}, 1, 8 | 32, $program);
  $listener = syscall($NR{seccomp}, 1, 8, $program) if $listener < 0;
  return if $listener < 0;
  my $vector = pack('P Q', $said, length $said);
  my $rights = pack('Q l l l x4', 20, 1, 1, $listener);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
  kernel('sendmsg', fileno($OBSERVER) + 0, $message, 0);
}

# The file that a program is, links followed, as the container has it; empty when there is none to run.
sub real_program {
  my ($file) = @_;
  return '' unless defined $file && -x $file && sysopen(my $found, $file, 010000000); # O_PATH
  return readlink('/proc/self/fd/' . fileno $found) // $file;
}

sub observe {
  my ($line, $server) = @_;
  nonblocking($server);
  my %listeners;
  my $told = { server => $server, pending => '', wanted => 0, roots => {}, rules => {} };
  while (1) {
    my @fds = (fileno $line, fileno $server, keys %listeners);
    my $polled = join '', map { pack('l s s', $_, $_ == fileno($server) && length $told->{pending} ? 5 : READABLE, 0) } @fds;
    next if syscall($NR{ppoll}, $polled, scalar @fds, 0, 0, 0) < 0;
    for my $i (0 .. $#fds) {
      my (undef, undef, $ready) = unpack('l s s', substr($polled, 8 * $i, 8));
      next unless $ready;
      my $fd = $fds[$i];
      if ($fd == fileno $line) { take_listener($line, \%listeners, $told->{rules}) }
      elsif ($fd == fileno $server) {
        if ($ready & (READABLE | HUNG_UP)) { sysread($server, my $wish, 100) or return; $told->{wanted} = substr($wish, -1) }
        flush_events($told);
      } elsif ($ready & READABLE) { look_at_call($listeners{$fd}, $told) }
      else {
        delete $told->{roots}{$_} for grep { $told->{roots}{$_} == $listeners{$fd} } keys %{$told->{roots}};
        delete $listeners{$fd};
      }
    }
  }
}

sub take_listener {
  my ($line, $listeners, $rules) = @_;
  my ($said, $control) = ("\0" x LONGEST_RULES, "\0" x 64);
  my $vector = pack('P Q', $said, LONGEST_RULES);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, 64, 0);
  my $got = syscall($NR{recvmsg}, fileno($line) + 0, $message, 0);
  exit_now(0) if $got == 0; # the supervisor is gone
  my ($size, undef, undef, $fd) = unpack('Q l l l', $control);
  return if $got < 0;
  return learn_rules($rules, unpack('(N/a)*', substr($said, 0, $got))) if $size < 20;
  open(my $handle, '+<&=', $fd) or return;
  my ($name, @first) = unpack('(N/a)*', substr($said, 0, $got));
  $listeners->{$fd} = { name => $name, first => \@first, handle => $handle, left => BURST, at => time, lost => 0 };
}

sub look_at_call {
  my ($listener, $told) = @_;
  my $request = "\0" x 80;
  defined ioctl($listener->{handle}, RECEIVE, $request) or return; # it was killed meanwhile
  my ($id, $pid, undef, $number, undef, undef, @arguments) = unpack('Q L L l L Q Q6', $request);
  my $first = delete $listener->{first};
  $told->{roots}{$pid} = $listener if $first;
  my $rules = $told->{rules}{$listener->{name}};
  if ($rules && eval { is_denied($rules, $pid, $number, \@arguments, $first) }) {
    my $refusal = pack('Q q l L', $id, 0, -EACCES, 0);
    ioctl($listener->{handle}, ANSWER, $refusal);
    return;
  }
  if ($told->{wanted} && may_tell($listener, $told)) {
    my @event = eval { $first ? first_event($pid, $told->{roots}, @$first) : event_of($pid, $number, \@arguments, $told->{roots}) };
    tell_event($told, $listener->{name}, @event) if @event;
  }
  my $answer = pack('Q q l L', $id, 0, 0, GO_ON);
  ioctl($listener->{handle}, ANSWER, $answer);
}

# So much a second for each container: who makes more calls than that hides no more than their number.
sub may_tell {
  my ($listener, $told) = @_;
  my $now = time;
  if ($now != $listener->{at}) {
    tell_event($told, $listener->{name}, 'lost', $listener->{lost}) if $listener->{lost};
    my $left = $listener->{left} + ($now - $listener->{at}) * EVENTS_A_SECOND;
    @{$listener}{qw(at lost left)} = ($now, 0, $left < BURST ? $left : BURST);
  }
  return 1 if $listener->{left}-- > 0;
  $listener->{left} = 0;
  $listener->{lost}++;
  return 0;
}

sub tell_event {
  my ($told, @fields) = @_;
  return if length $told->{pending} > MOST_PENDING;
  $told->{pending} .= pack('N/a*', pack('(N/a*)*', @fields));
  flush_events($told);
}

sub flush_events {
  my ($told) = @_;
  while (length $told->{pending}) {
    my $written = syswrite($told->{server}, $told->{pending}, 1 << 16) or return;
    substr($told->{pending}, 0, $written) = '';
  }
}

# The program that a container, or somebody's exec in it, begins with.
sub first_event {
  my ($pid, $roots, $cwd, $file, @words) = @_;
  return if $file eq '';
  return ('execve', process_of($pid, $roots, $cwd), $file, @words);
}

# Of a call: what it is, who makes it, and what it is about; nothing of a call that nobody asks for.
sub event_of {
  my ($pid, $number, $arguments, $roots) = @_;
  open(my $memory, '<', "/proc/$pid/mem") or return;
  my $is = sub { grep { $NR{$_} == $number } @_ };
  if ($is->('execve', 'execveat')) {
    my ($folder, $path, $argv) = $number == $NR{execve} ? (-100, @$arguments) : @$arguments;
    my $file = plain_path(written_path($pid, $folder, text_at($memory, $path)));
    my @words = texts_at($memory, $argv);
    $file = named_program($pid, readlink("/proc/$pid/exe") // '', $words[0] // '') if $file eq '/proc/self/exe';
    return if outcome_of($pid, $file, 1) ne '';
    return ('execve', process_of($pid, $roots), $file, @words);
  }
  if ($is->('connect')) {
    my $size = $arguments->[2] < 28 ? $arguments->[2] : 28;
    my $address = bytes_at($memory, $arguments->[1], $size);
    my $family = length $address < 8 ? 0 : unpack('S', $address);
    return unless $family == 2 || ($family == 10 && length $address >= 24);
    my $host = $family == 2 ? join('.', unpack('x4 C4', $address)) : join(':', unpack('x8 (H4)8', $address));
    my $type = socket_type($pid, $arguments->[0] & 0xffffffff);
    return ('connect', process_of($pid, $roots), $type, $host, unpack('x2 n', $address));
  }
  my $name = ($is->('openat2', 'openat', 'open', 'creat'))[0] // return;
  my ($written, $flags) = opened_file($pid, $memory, $name, $arguments);
  my $file = plain_path($written);
  my $want = (4, 2, 6, 0)[$flags & 3] | ($flags & 0100 ? 8 : 0) | ($flags & 0200 ? 16 : 0);
  my ($outcome, $kind) = outcome_of($pid, $file, $want);
  return ($name, process_of($pid, $roots), $file, $flags & 0xffffffff, $outcome, $kind // '');
}

# The path and the flags of a call that opens a file.
sub opened_file {
  my ($pid, $memory, $name, $arguments) = @_;
  my ($folder, $path, $flags) = $name =~ /^openat/ ? @$arguments : (-100, $arguments->[0], $name eq 'creat' ? 01101 : $arguments->[1]);
  $flags = unpack('Q', bytes_at($memory, $flags, 8)) // 0 if $name eq 'openat2';
  return (written_path($pid, $folder, text_at($memory, $path)), $flags);
}

# The image's shell starts the programs that it is itself by its own file: they are told by the file that has their name.
sub named_program {
  my ($pid, $file, $word) = @_;
  my $named = $file =~ m{^/bin/(sh|ash|busybox)$} && $word =~ m{^[^/]+$} && within_root($pid, "/bin/$word");
  return $named ? "/bin/$word" : $file;
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

# A path from the root of the program's, as it is written otherwise.
sub written_path {
  my ($pid, $folder, $path) = @_;
  return $path if $path =~ m{^/};
  $folder = unpack('l', pack('L', $folder & 0xffffffff));
  return (readlink($folder == -100 ? "/proc/$pid/cwd" : "/proc/$pid/fd/$folder") // '') . "/$path";
}

# The same without `.` and `..`; links stay.
sub plain_path {
  my @parts;
  for (grep { $_ ne '' && $_ ne '.' } split m{/}, $_[0]) { if ($_ eq '..') { pop @parts } else { push @parts, $_ } }
  return '/' . join('/', @parts);
}

# How the kernel is going to answer, as far as modes, owners and read-only mounts decide: '' or the name of an error; and `d` for a folder.
# `want`: of 1 to execute, 2 to write, 4 to read, 8 to make what is missing, 16 to do only that.
sub outcome_of {
  my ($pid, $path, $want) = @_;
  return '' if $path =~ m{^/proc/(self|thread-self)(/|$)}; # which is somebody else's here
  my $found = within_root($pid, $path);
  if (!$found) {
    return $! == 2 ? 'ENOENT' : $! == 20 ? 'ENOTDIR' : '' unless $! == 2 && $want & 8;
    $found = within_root($pid, $path =~ s{/[^/]*$}{/}r) or return 'ENOENT';
    $want = 3; # of the folder
  } elsif (($want & 24) == 24) { return 'EEXIST' }
  my ($mode, $owner, $group) = (stat $found)[2, 4, 5];
  my $kind = ($mode & 0170000) == 0040000 ? 'd' : '';
  return ('EISDIR', 'd') if $kind && $want & 2 && $want != 3;
  return ('EROFS', $kind) if $want & 2 && syscall($NR{faccessat}, -100, '/proc/self/fd/' . fileno $found, 2) < 0 && $! == 30;
  my %status = status_of_program($pid);
  my ($fsuid, $fsgid) = map { (split ' ', $status{$_} // '')[3] // 0 } qw(Uid Gid);
  my $bits = $owner == $fsuid ? $mode >> 6 : grep({ $_ == $group } $fsgid, split ' ', $status{Groups} // '') ? $mode >> 3 : $mode;
  my $missing = ($want & 7) & ~$bits;
  # CAP_DAC_OVERRIDE: anything but to execute what nobody may.
  $missing = $missing & 1 && !($mode & 0111) if $missing && hex($status{CapEff} // 0) & 2;
  return ($missing ? 'EACCES' : '', $kind);
}

# Links lead where they lead for the program: RESOLVE_IN_ROOT of openat2(2).
sub within_root {
  my ($pid, $path) = @_;
  sysopen(my $root, "/proc/$pid/root", 010000000) or return;
  my $how = pack('Q3', 010000000 | 02000000, 0, 0x10);
  my $fd = syscall($NR{openat2}, fileno($root) + 0, "$path", $how, 24);
  return if $fd < 0;
  open(my $found, '<&=', $fd) or return;
  return $found;
}

sub status_of_program {
  open(my $file, '<', "/proc/$_[0]/status") or return;
  sysread($file, my $status, LONGEST);
  return $status =~ /^(\w+):[ \t]*(.*)$/mg;
}

# The program that makes the call, one field for each line of what is known: its number and its parent's, names from it upwards, its
# terminal's number, user and group as the container has them, its program file, its folder, and its words and its parent's.
sub process_of {
  my ($pid, $roots, $cwd) = @_;
  my (@names, $terminal, $parent);
  my $at = $pid;
  for (0 .. 8) {
    my ($name, $above, $tty) = stat_of($at) or last;
    push @names, $name;
    $terminal //= $tty;
    if ($roots->{$at}) { $parent //= 0; last }
    $parent //= $above;
    $at = $above;
  }
  my %status = status_of_program($pid);
  my ($uid, $gid) = map { (split ' ', $status{$_} // '')[0] // 0 } qw(Uid Gid);
  my ($virtual) = ($status{NSpid} // '') =~ /(\d+)$/;
  my $line = command_line($pid);
  my $file = named_program($pid, readlink("/proc/$pid/exe") // '', (split / /, $line)[0] // '');
  return join "\0", map { ($_ // '') =~ s/\0/ /gr } $pid, $parent, $virtual, $terminal, inside($pid, 'uid_map', $uid), inside($pid, 'gid_map', $gid),
    $file, $cwd // readlink("/proc/$pid/cwd"), $line, $parent ? command_line($parent) : '', @names;
}

sub stat_of {
  open(my $file, '<', "/proc/$_[0]/stat") or return;
  sysread($file, my $stat, 1024) or return;
  my ($name, $rest) = $stat =~ /^\d+ \((.*)\) (.*)/s or return;
  my @fields = split / /, $rest;
  return ($name, $fields[1], $fields[4]);
}

sub command_line {
  open(my $file, '<', "/proc/$_[0]/cmdline") or return '';
  sysread($file, my $words, LONGEST) or return '';
  return $words =~ s/\0+$//r =~ s/\0/ /gr;
}

# The number that a user or group of the lab has in the container.
sub inside {
  my ($pid, $map, $number) = @_;
  open(my $file, '<', "/proc/$pid/$map") or return $number;
  while (<$file>) {
    my ($in, $out, $count) = split;
    return $in + $number - $out if $number >= $out && $number < $out + $count;
  }
  return 65534;
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
