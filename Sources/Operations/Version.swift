/// The version of this program, the same for all its processes.
package enum Version {
    package static let current = "0.1.0"
}
