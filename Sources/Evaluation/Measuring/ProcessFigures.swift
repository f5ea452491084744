import Dispatch
import Foundation

/// What the system says of this process and machine.
public enum ProcessFigures {
    /// Memory of this process that is resident, mapped files included; 0 where the system does not say.
    public static var residentBytes: Int {
        // man 5 proc: the second field of statm is the resident set, in pages.
        let fields = text("/proc/self/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Processor time that all threads of this process have used, in seconds.
    public static var processorSeconds: Double {
        // POSIX: CLOCKS_PER_SEC is one million.
        Double(clock()) / 1_000_000
    }

    /// Nanoseconds of a clock that only goes forward. Reading it costs some 25 ns.
    public static var nanoseconds: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Processes that ran or wanted to, averaged over a minute: more than this one's threads means company.
    public static var load: Double {
        text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
    }

    /// The processor's name.
    public static var processor: String {
        let line = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ": ").last.map(String.init) ?? "unknown"
    }

    /// Bytes of memory of the machine.
    public static var memoryBytes: Int { Int(ProcessInfo.processInfo.physicalMemory) }

    /// Processors that this process may use.
    public static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

    private static func text(_ path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
