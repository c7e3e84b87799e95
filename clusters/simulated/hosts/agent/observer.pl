# Tells the server of programs that start in containers, of files that they open and of connections that they make: what falco listens to.
# Each such system call of a container waits (seccomp_unotify(2)) until the observer, a process of the supervisor's, has had a look and lets
# it go on. A container's own filters come first: what they refuse is not seen. What is told of a call is read from its memory while it
# waits; another thread of the program could change that before the kernel reads it, as with every observer of this kind.
our (%NR, %children, $OBSERVED, $OBSERVED_LOGIN);
# Where a container's last step hands its calls over; the observer has the other end.
our $OBSERVER;
my %confined;

sub RECEIVE() { 0xc0502100 }
sub ANSWER() { 0xc0182101 }
sub GO_ON() { 1 }
sub SET_FLAGS() { 0x40082104 }
sub ON_THE_SAME_PROCESSOR() { 1 }
# Of a message to the observer, in the half of its flags that the kernel does not look at (observed-calls.ts).
sub HANDED_OVER() { 0x62726c62 << 32 }
sub READABLE() { 1 }
sub HUNG_UP() { 0x18 }
# What is told of one container a second, and at once; the rest is counted. Of somebody's terminal on a host it is more.
sub EVENTS_A_SECOND() { 100 }
sub BURST() { 500 }
sub TIMES_ON_HOSTS() { 4 }
# Bytes of events that wait for a server that is busy.
sub MOST_PENDING() { 1 << 19 }
sub MOST_ARGUMENTS() { 64 }
sub LONGEST() { 4096 }
sub LONGEST_RULES() { 1 << 16 }

# Forks the observer, if there is none, and returns the server's connection to it.
sub start_observer {
  socketpair(my $line, my $theirs, 1, 5, 0) or die "socketpair: $!\n";
  socketpair(my $server, my $events, 1, 1, 0) or die "socketpair: $!\n";
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    $0 = 'breachlab-observer';
    $^W = 0; # what it reads is a learner's
    let_go_of_all_but(map { fileno $_ } $theirs, $events);
    eval { observe($theirs, $events) };
    exit_now(0);
  }
  $OBSERVER = $line;
  $children{$pid} = {ended => pidfd($pid), gone => sub { $OBSERVER = undef if $OBSERVER && $OBSERVER == $line }};
  return $server;
}

# Namespaces and sockets that it would hold open live as long as those whose they are. Their numbers stay taken: Perl, which does not know
# that they are closed, would not close the next file of that number either.
sub let_go_of_all_but {
  my %kept = map { $_ => 1 } @_;
  opendir(my $list, '/proc/self/fd') or die "/proc/self/fd: $!\n";
  my @listed = grep { /^\d+$/ && $_ > 2 && !$kept{$_} } readdir $list;
  closedir $list;
  my @open = grep { defined readlink "/proc/self/fd/$_" } @listed;
  open(my $nothing, '<', '/dev/null') or die "null: $!\n";
  kernel('dup3', fileno($nothing) + 0, $_ + 0, 0) for @open;
}

# What the observer holds a container to, from before it starts: the filter of the calls that wait; AppArmor's profile, its mode and whether
# it decides about files; the sandbox's kind; system calls that are logged; and rules (apparmor.pl). Without terms it is forgotten.
sub confine_container {
  my ($name, $filter, @terms) = @_;
  if (@terms) { $confined{$name} = {filter => $filter, sandbox => $terms[3]} } else { delete $confined{$name} or return }
  return unless $OBSERVER;
  defined(syswrite($OBSERVER, pack('(N/a*)*', $name, @terms))) or die "confine: $!\n";
}

# The sandbox that a container runs in, other than the lab's own.
sub sandbox_of { $confined{$_[0]} ? $confined{$_[0]}{sandbox} : '' }

# In a container, right before it is confined: from now on its calls wait for the observer. A kernel that cannot do that, or a machine whose
# own containers are observed so already, leaves it unobserved. The first program is told here, for the memory of the process that is
# about to become it is the supervisor's, where nobody looks.
# `login`: empty in a container; on a host the number under which somebody is logged in there.
sub report_calls {
  my ($name, $login, $cwd, $file, @argv) = @_;
  return unless $OBSERVER;
  # From the filter on until the observer has its end, this process may open nothing, and ask for no memory if that call is one that waits.
  { my $room = "\0" x (1 << 16) }
  my $said = substr(pack('(N/a*)*', $name, $login, $cwd, real_program($file), @argv[0 .. ($#argv < MOST_ARGUMENTS ? $#argv : MOST_ARGUMENTS)]), 0, LONGEST);
  my $filter = length $login ? $OBSERVED_LOGIN : $confined{$name} ? $confined{$name}{filter} : $OBSERVED;
  my $program = pack('S x6 P', length($filter) / 8, $filter);
  # Killable while it waits, and not disturbed by other signals, which would make the call be told twice; Linux 5.19.
  my $listener = syscall($NR{seccomp}, 1, 8 | 32, $program);
  $listener = syscall($NR{seccomp}, 1, 8, $program) if $listener < 0;
  if ($listener < 0) {
    return unless $confined{$name};
    die "not simulated: what this container is held to, on a machine where containers are not observed\n";
  }
  my $vector = pack('P Q', $said, length $said);
  my $rights = pack('Q l l l x4', 20, 1, 1, $listener);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
  # A filter may let every call wait, but this one, which brings the observer what it waits for, by its mark.
  kernel('sendmsg', fileno($OBSERVER) + 0, $message, HANDED_OVER);
  return 1;
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
  my $told = { server => $server, pending => '', wanted => 0, roots => {}, terms => {} };
  while (1) {
    my @fds = (fileno $line, fileno $server, keys %listeners);
    my $polled = join '', map { pack('l s s', $_, $_ == fileno($server) && length $told->{pending} ? 5 : READABLE, 0) } @fds;
    next if syscall($NR{ppoll}, $polled, scalar @fds, 0, 0, 0) < 0;
    for my $i (0 .. $#fds) {
      my (undef, undef, $ready) = unpack('l s s', substr($polled, 8 * $i, 8));
      next unless $ready;
      my $fd = $fds[$i];
      if ($fd == fileno $line) { take_listener($line, \%listeners, $told->{terms}) }
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
  my ($line, $listeners, $terms) = @_;
  my ($said, $control) = ("\0" x LONGEST_RULES, "\0" x 64);
  my $vector = pack('P Q', $said, LONGEST_RULES);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $control, 64, 0);
  my $got = syscall($NR{recvmsg}, fileno($line) + 0, $message, 0);
  exit_now(0) if $got == 0; # the supervisor is gone
  my ($size, undef, undef, $fd) = unpack('Q l l l', $control);
  return if $got < 0;
  return learn_terms($terms, unpack('(N/a)*', substr($said, 0, $got))) if $size < 20;
  open(my $handle, '+<&=', $fd) or return;
  # Who calls stands still while the observer looks, so waking another processor for each of the two only takes time (Linux 6.6).
  ioctl($handle, SET_FLAGS, ON_THE_SAME_PROCESSOR);
  my ($name, $login, @first) = unpack('(N/a)*', substr($said, 0, $got));
  $listeners->{$fd} = { name => $name, login => $login, first => \@first, handle => $handle, events => budget(length $login ? TIMES_ON_HOSTS : 1), records => budget(1) };
}

# What a container is held to, as the observer keeps it.
sub learn_terms {
  my ($terms, $name, $profile, $mode, $decides, $sandbox, $logged, @rules) = @_;
  delete $terms->{$name};
  return unless defined $profile;
  my ($which, @numbers) = split / /, $logged;
  my %numbers = map { $_ => 1 } @numbers;
  $terms->{$name} = {
    profile => $profile, mode => $mode, sandbox => $sandbox, rules => $decides ? compiled_rules(@rules) : undef,
    logs => !defined $which ? sub { 0 } : $which eq 'only' ? sub { $numbers{$_[0]} } : sub { !$numbers{$_[0]} },
  };
}

sub look_at_call {
  my ($listener, $told) = @_;
  my $request = "\0" x 80;
  defined ioctl($listener->{handle}, RECEIVE, $request) or return; # it was killed meanwhile
  my ($id, $pid, undef, $number, undef, $at, @arguments) = unpack('Q L L l L Q Q6', $request);
  my $terms = $told->{terms}{$listener->{name}};
  # Nothing decides about the calls of who is logged in to a host: those that are not told, of a hundred thousand, cost as little as can be.
  my $is_free = length $listener->{login} && !$terms && !$listener->{first};
  if ($is_free && !($told->{wanted} && may_tell($listener, $told, 'events'))) {
    forget_program($pid) if $number == $NR{execve} || $number == $NR{execveat};
    return let_go_on($listener, $id);
  }
  my %call = (id => $id, pid => $pid, number => $number, at => $at, arguments => \@arguments, login => $listener->{login}, roots => $told->{roots});
  if ($listener->{first}) {
    return let_go_on($listener, $id) if $number != $NR{execve}; # this is still the supervisor
    $call{first} = delete $listener->{first};
    $told->{roots}{$pid} = $listener;
  }
  my $record = sub { tell_event($told, $listener->{name}, @_) if may_tell($listener, $told, 'records') };
  if ($terms) {
    $record->('seccomp', caller_of(\%call), $number, $at, $terms->{profile}) if !$call{first} && $terms->{logs}($number);
    my $errno = eval { refusal_of($terms, \%call, $record) } // EACCES();
    return answer_call($listener, $id, 0, $errno) if $errno;
  }
  return if $call{login} eq '' && eval { answered_instead($listener, $terms, \%call) };
  if ($is_free || $told->{wanted} && may_tell($listener, $told, 'events')) {
    my @event = eval { $call{first} ? first_event(\%call) : event_of(\%call) };
    tell_event($told, $listener->{name}, @event) if @event;
  }
  forget_program($pid) if $number == $NR{execve} || $number == $NR{execveat}; # it becomes another
  let_go_on($listener, $id);
}

sub let_go_on {
  my ($listener, $id) = @_;
  my $answer = pack('Q q l L', $id, 0, 0, GO_ON);
  ioctl($listener->{handle}, ANSWER, $answer);
}

# Ends a call without the kernel: with a value, or with an error's number.
sub answer_call {
  my ($listener, $id, $value, $errno) = @_;
  my $answer = pack('Q q l L', $id, $value, -$errno, 0);
  ioctl($listener->{handle}, ANSWER, $answer);
}

sub budget { +{left => $_[0] * BURST, most => $_[0] * BURST, a_second => $_[0] * EVENTS_A_SECOND, at => time, lost => 0} }

# So much a second for each container: who makes more calls than that hides no more than their number.
sub may_tell {
  my ($listener, $told, $what) = @_;
  my ($budget, $now) = ($listener->{$what}, time);
  if ($now != $budget->{at}) {
    tell_event($told, $listener->{name}, "lost $what", $budget->{lost}) if $budget->{lost};
    my $left = $budget->{left} + ($now - $budget->{at}) * $budget->{a_second};
    @{$budget}{qw(at lost left)} = ($now, 0, $left < $budget->{most} ? $left : $budget->{most});
  }
  return 1 if $budget->{left}-- > 0;
  $budget->{left} = 0;
  $budget->{lost}++;
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
