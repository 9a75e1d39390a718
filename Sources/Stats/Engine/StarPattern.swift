/// A pattern of pages: `*` stands for any text without a slash, `**` for any text.
struct StarPattern: Sendable {
    private enum Piece {
        case byte(UInt8)
        case withinSegment
        case anything
    }

    private let pieces: [Piece]

    init(_ pattern: String) {
        var pieces: [Piece] = []
        var rest = Array(pattern.utf8)[...]
        while let next = rest.popFirst() {
            if next != UInt8(ascii: "*") {
                pieces.append(.byte(next))
            } else if rest.first == UInt8(ascii: "*") {
                rest.removeFirst()
                pieces.append(.anything)
            } else {
                pieces.append(.withinSegment)
            }
        }
        self.pieces = pieces
    }

    /// Whether the whole text is like that.
    ///
    /// Which places of the pattern the text so far may have come to is followed for all of them at once, so that time
    /// grows with the product of both lengths, whatever the stars.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        // Nearly all patterns begin with bytes that have to be there.
        var prefix = 0
        while prefix < pieces.count, case .byte(let byte) = pieces[prefix] {
            guard prefix < text.count, text[prefix] == byte else { return false }
            prefix += 1
        }
        if prefix == pieces.count { return text.count == prefix }
        var places = [Bool](repeating: false, count: pieces.count + 1)
        places[prefix] = true
        skipStars(&places)
        for byte in text[prefix...] {
            var isAnywhere = false
            // From the end, so that a place is read before the one before it moves there.
            for place in stride(from: pieces.count, through: 0, by: -1) {
                var isHere = false
                if place < pieces.count, places[place] {
                    switch pieces[place] {
                    case .byte: break
                    case .withinSegment: isHere = byte != UInt8(ascii: "/")
                    case .anything: isHere = true
                    }
                }
                if !isHere, place > 0, places[place - 1], case .byte(byte) = pieces[place - 1] {
                    isHere = true
                }
                places[place] = isHere
                isAnywhere = isAnywhere || isHere
            }
            if !isAnywhere { return false }
            skipStars(&places)
        }
        return places[pieces.count]
    }

    /// A star may stand for nothing.
    private func skipStars(_ places: inout [Bool]) {
        for place in pieces.indices where places[place] {
            if case .byte = pieces[place] { continue }
            places[place + 1] = true
        }
    }
}
