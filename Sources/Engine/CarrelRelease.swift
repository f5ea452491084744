/// What this is, for whoever asks from outside.
package enum CarrelRelease {
    package static let version = "0.1.0"
}
