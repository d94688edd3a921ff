// `System.Diagnostics`, `System.Environment` and others that ask about the machine: a cell learns nothing of it.

import { ArgumentException, ArgumentNullException, DivideByZeroException, InvalidOperationException } from 'fable-library/System.js';
import { Exception } from 'fable-library/Util.js';
import { writeError } from '../output.js';

class Stopwatch {
  constructor() {
    this.spent = 0;
    this.begun = null;
  }
  start() {
    this.begun ??= performance.now();
    return this;
  }
  stop() {
    if (this.begun !== null) this.spent += performance.now() - this.begun;
    this.begun = null;
  }
  get elapsed() {
    return this.spent + (this.begun === null ? 0 : performance.now() - this.begun);
  }
}

const no = (what) => () => {
  throw new Exception(`${what}: the sandbox has no other programs`);
};
const FREQUENCY = 10_000_000n;
const ticks = (milliseconds) => BigInt(Math.round(milliseconds * 10_000));
const log = (...values) => writeError(`${values[0] ?? ''}\n`);

const raise = (error) => {
  throw error;
};

function divisor(number) {
  if (number === 0 || number === 0n) throw new DivideByZeroException('Attempted to divide by zero.');
  return number;
}

export default {
  'Microsoft.FSharp.Core.Operators': {
    // Of whole numbers alone: the compiler leaves the others to JavaScript. Adding zero leaves no minus zero.
    'op_Division': (a, b) => (typeof a === 'bigint' ? a / divisor(b) : Math.trunc(a / divisor(b)) + 0),
    'op_Modulus': (a, b) => (typeof a === 'bigint' ? a % divisor(b) : (a % divisor(b)) + 0),
    'InvalidArg': (name, message) => raise(new ArgumentException(message, name)),
    'NullArg': (name) => raise(new ArgumentNullException(name)),
    'InvalidOp': (message) => raise(new InvalidOperationException(message)),
  },
  'System.Diagnostics.Stopwatch': {
    '.ctor': () => new Stopwatch(), 'StartNew': () => new Stopwatch().start(), 'Start': (one) => void one.start(), 'Stop': (one) => one.stop(),
    'Reset': (one) => {
      one.spent = 0;
      one.begun = null;
    },
    'Restart': (one) => {
      one.spent = 0;
      one.begun = performance.now();
    },
    'get_Elapsed': (one) => one.elapsed, 'get_ElapsedMilliseconds': (one) => BigInt(Math.floor(one.elapsed)), 'get_ElapsedTicks': (one) => ticks(one.elapsed), 'get_IsRunning': (one) => one.begun !== null,
    'GetTimestamp': () => ticks(performance.now()), 'get_Frequency': () => FREQUENCY, 'GetElapsedTime': (from, to) => Number((to ?? ticks(performance.now())) - from) / 10_000,
  },
  'System.Diagnostics.Debug': { 'WriteLine': log, 'Write': log, 'Assert': (is, message) => {
    if (!is) throw new Exception(message ?? 'Assertion failed');
  } },
  'System.Diagnostics.Process': {
    'Start': no('Process.Start'), '.ctor': no('Process'), 'GetCurrentProcess': () => ({}), 'GetProcesses': () => [], 'GetProcessesByName': () => [],
    'get_Id': () => 1, 'get_ProcessName': () => 'metascript', 'get_WorkingSet64': () => 0n, 'get_PrivateMemorySize64': () => 0n, 'get_TotalProcessorTime': () => 0, 'get_StartTime': () => new Date(),
  },
  'System.Environment': {
    'GetEnvironmentVariable': () => null, 'SetEnvironmentVariable': () => undefined, 'GetEnvironmentVariables': () => [], 'ExpandEnvironmentVariables': (text) => text,
    'get_MachineName': () => 'sandbox', 'get_UserName': () => 'sandbox', 'get_UserDomainName': () => 'sandbox', 'get_CurrentDirectory': () => '.', 'set_CurrentDirectory': () => undefined, 'get_SystemDirectory': () => '',
    'get_ProcessorCount': () => 1, 'get_ProcessId': () => 1, 'get_TickCount': () => Math.floor(performance.now()) | 0, 'get_TickCount64': () => BigInt(Math.floor(performance.now())),
    'get_NewLine': () => '\n', 'get_Is64BitProcess': () => false, 'get_Is64BitOperatingSystem': () => false, 'get_OSVersion': () => ({ toString: () => 'WebAssembly' }), 'get_Version': () => ({ toString: () => '10.0.0' }), 'get_WorkingSet': () => 0n,
    'get_StackTrace': () => '', 'get_CommandLine': () => '', 'GetCommandLineArgs': () => [], 'GetFolderPath': () => '', 'get_ExitCode': () => 0, 'set_ExitCode': () => undefined, 'get_CurrentManagedThreadId': () => 1,
    'Exit': () => {
      throw new Exception('Environment.Exit: a cell cannot end the session');
    },
    'FailFast': (message) => {
      throw new Exception(message ?? 'FailFast');
    },
  },
  'System.OperatingSystem': { 'get_Platform': () => 4, 'get_VersionString': () => 'WebAssembly', 'get_Version': () => ({ toString: () => '1.0' }), 'IsWindows': () => false, 'IsLinux': () => false, 'IsMacOS': () => false },
  'System.Version': { 'ToString': (one) => String(one), 'get_Major': () => 10, 'get_Minor': () => 0 },
  'System.GC': {
    'Collect': () => undefined, 'GetTotalMemory': () => 0n, 'GetTotalAllocatedBytes': () => 0n, 'CollectionCount': () => 0, 'WaitForPendingFinalizers': () => undefined, 'SuppressFinalize': () => undefined, 'KeepAlive': () => undefined, 'get_MaxGeneration': () => 2, 'GetGeneration': () => 0,
  },
  'System.AppDomain': { 'get_CurrentDomain': () => ({}), 'get_BaseDirectory': () => '.', 'get_FriendlyName': () => 'metascript', 'GetAssemblies': () => [], 'add_UnhandledException': () => undefined, 'add_ProcessExit': () => undefined },
  'System.AppContext': { 'get_BaseDirectory': () => '.' },
  'System.Runtime.InteropServices.RuntimeInformation': { 'get_OSDescription': () => 'WebAssembly', 'get_FrameworkDescription': () => 'Metascript', 'IsOSPlatform': () => false, 'get_ProcessArchitecture': () => 4, 'get_OSArchitecture': () => 4 },
  'System.Reflection.Assembly': { 'GetExecutingAssembly': () => ({}), 'GetEntryAssembly': () => null, 'get_Location': () => '', 'GetName': () => ({}) },
};
