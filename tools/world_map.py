#!/usr/bin/env python3
"""Makes Sources/App/Dashboard/WorldOutlines.swift, the outlines of the dashboard's map, from Natural Earth.

Natural Earth (naturalearthdata.com) is in the public domain. Its 1:110m countries and cities come inside the wheel of
geopandas 0.14.4, as shape files that nothing but this script reads:

    scratch=$(mktemp -d)
    python3 -m venv "$scratch" && "$scratch/bin/pip" install pyshp
    "$scratch/bin/pip" download --no-deps -d "$scratch" geopandas==0.14.4
    unzip -q -d "$scratch" "$scratch"/geopandas-*.whl 'geopandas/datasets/*'
    "$scratch/bin/python" tools/world_map.py "$scratch/geopandas/datasets" \\
        > Sources/App/Dashboard/WorldOutlines.swift

A line of the table is a country: its code of ISO 3166, its outline in whole units of a drawing 1,000 wide, or, where the
country is too small for the scale, the point where it lies. The projection is Equal Earth (Savric, Patterson, Jenny 2018):
a shaded area should be as large as the country is. Antarctica is left out. Borders are simplified as lines that two
countries share, so that no gaps open between them.
"""

import math
import sys
from collections import defaultdict

import shapefile

WIDTH = 1000
NORTH, SOUTH = 83.7, -55.9
# In units of the drawing: the area of the triangle that a point may stand for, and the smallest island that is drawn.
TOLERANCE, SMALLEST = 1.2, 2.5

CODES = dict(pair.split(":") for pair in """
AFG:AF AGO:AO ALB:AL ARE:AE ARG:AR ARM:AM AUS:AU AUT:AT AZE:AZ BDI:BI BEL:BE BEN:BJ BFA:BF BGD:BD BGR:BG BHS:BS BIH:BA
BLR:BY BLZ:BZ BOL:BO BRA:BR BRN:BN BTN:BT BWA:BW CAF:CF CAN:CA CHE:CH CHL:CL CHN:CN CIV:CI CMR:CM COD:CD COG:CG COL:CO
CRI:CR CUB:CU CYN:CY CYP:CY CZE:CZ DEU:DE DJI:DJ DNK:DK DOM:DO DZA:DZ ECU:EC EGY:EG ERI:ER ESH:EH ESP:ES EST:EE ETH:ET
FIN:FI FJI:FJ FLK:FK FRA:FR GAB:GA GBR:GB GEO:GE GHA:GH GIN:GN GMB:GM GNB:GW GNQ:GQ GRC:GR GRL:GL GTM:GT GUY:GY HND:HN
HRV:HR HTI:HT HUN:HU IDN:ID IND:IN IRL:IE IRN:IR IRQ:IQ ISL:IS ISR:IL ITA:IT JAM:JM JOR:JO JPN:JP KAZ:KZ KEN:KE KGZ:KG
KHM:KH KOR:KR KWT:KW LAO:LA LBN:LB LBR:LR LBY:LY LKA:LK LSO:LS LTU:LT LUX:LU LVA:LV MAR:MA MDA:MD MDG:MG MEX:MX MKD:MK
MLI:ML MMR:MM MNE:ME MNG:MN MOZ:MZ MRT:MR MWI:MW MYS:MY NAM:NA NCL:NC NER:NE NGA:NG NIC:NI NLD:NL NOR:NO NPL:NP NZL:NZ
OMN:OM PAK:PK PAN:PA PER:PE PHL:PH PNG:PG POL:PL PRI:PR PRK:KP PRT:PT PRY:PY PSE:PS QAT:QA ROU:RO RUS:RU RWA:RW SAU:SA
SDN:SD SDS:SS SSD:SS SEN:SN SLB:SB SLE:SL SLV:SV SOL:SO SOM:SO SRB:RS SUR:SR SVK:SK SVN:SI SWE:SE SWZ:SZ SYR:SY TCD:TD
TGO:TG THA:TH TJK:TJ TKM:TM TLS:TL TTO:TT TUN:TN TUR:TR TWN:TW TZA:TZ UGA:UG UKR:UA URY:UY USA:US UZB:UZ VEN:VE VNM:VN
VUT:VU YEM:YE ZAF:ZA ZMB:ZM ZWE:ZW
""".split())

# Too small to be drawn at this scale: a dot where the city lies.
SMALL = {
    "Vatican City": "VA", "San Marino": "SM", "Vaduz": "LI", "Palikir": "FM", "Majuro": "MH", "Funafuti": "TV",
    "Melekeok": "PW", "Monaco": "MC", "Tarawa": "KI", "Moroni": "KM", "Andorra": "AD", "Roseau": "DM", "Bridgetown": "BB",
    "Kingstown": "VC", "Castries": "LC", "Basseterre": "KN", "Port Louis": "MU", "Saint George's": "GD", "Manama": "BH",
    "Saint John's": "AG", "Nuku'alofa": "TO", "Victoria": "SC", "São Tomé": "ST", "Apia": "WS", "Valletta": "MT",
    "Malé": "MV", "Praia": "CV", "Singapore": "SG", "Hong Kong": "HK",
}
# Whose cities the file does not have.
PLACES = {
    "MO": (113.55, 22.2), "GI": (-5.35, 36.14), "IM": (-4.5, 54.2), "JE": (-2.13, 49.2), "GG": (-2.58, 49.46),
    "FO": (-6.9, 62.0), "AX": (20.0, 60.2), "GP": (-61.5, 16.2), "MQ": (-61.0, 14.6), "RE": (55.5, -21.1),
    "YT": (45.15, -12.8), "GF": (-53.1, 3.9), "PF": (-149.5, -17.6), "GU": (144.8, 13.4), "BM": (-64.75, 32.3),
    "KY": (-81.2, 19.3), "CW": (-69.0, 12.2), "AW": (-70.0, 12.5), "VI": (-64.8, 18.0), "NR": (166.9, -0.5),
}


def project(longitude, latitude):
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(t)
    x /= 3 * (9 * a4 * t**8 + 7 * a3 * t**6 + 3 * a2 * t**2 + a1)
    return x, a4 * t**9 + a3 * t**7 + a2 * t**3 + a1 * t


LEFT, RIGHT = project(-180, 0)[0], project(180, 0)[0]
TOP, BOTTOM = project(0, NORTH)[1], project(0, SOUTH)[1]
SCALE = WIDTH / (RIGHT - LEFT)
HEIGHT = round((TOP - BOTTOM) * SCALE)


def place(longitude, latitude):
    x, y = project(longitude, latitude)
    return (x - LEFT) * SCALE, (TOP - y) * SCALE


def area(ring):
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1]))) / 2


def simplified(line):
    """Visvalingam and Whyatt: the point that matters least goes, until all that are left matter. Ends stay."""
    line = list(line)
    while len(line) > 2:
        sizes = [area([line[i - 1], line[i], line[i + 1]]) for i in range(1, len(line) - 1)]
        least = min(range(len(sizes)), key=sizes.__getitem__)
        if sizes[least] >= TOLERANCE:
            break
        del line[least + 1]
    return line


def rings_of(shape):
    bounds = list(shape.parts) + [len(shape.points)]
    for start, end in zip(bounds, bounds[1:]):
        ring = [place(*point) for point in shape.points[start:end]]
        yield ring[:-1] if ring[0] == ring[-1] else ring


def arcs(ring, junctions):
    """A ring cut where borders part. Pieces that two countries share come out in one direction, to become the same line."""
    cuts = [i for i, point in enumerate(ring) if point in junctions]
    if not cuts:
        far = max(range(len(ring)), key=lambda i: math.dist(ring[0], ring[i]))
        cuts = sorted({0, far})
    ring = ring[cuts[0]:] + ring[:cuts[0]]
    cuts = [cut - cuts[0] for cut in cuts] + [len(ring)]
    closed = ring + ring[:1]
    for start, end in zip(cuts, cuts[1:]):
        yield closed[start:end + 1]


def drawn(ring):
    points = []
    for x, y in ring:
        point = (round(x), round(y))
        if not points or points[-1] != point:
            points.append(point)
    while len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:
        return ""
    path, (x, y) = f"M{points[0][0]} {points[0][1]}", points[0]
    for a, b in points[1:]:
        dx, dy = a - x, b - y
        if dy == 0:
            path += f"h{dx}"
        elif dx == 0:
            path += f"v{dy}"
        else:
            path += f"l{dx}{'' if dy < 0 else ' '}{dy}"
        x, y = a, b
    return path + "z"


def wrapped(line, width=100):
    return [line[start:start + width] for start in range(0, len(line), width)]


FRAME = '''// Made by tools/world_map.py from Natural Earth, which is in the public domain. Do not edit.
// swift-format-ignore-file

extension WorldMap {
    /// Of the drawing, which is 1,000 wide.
    static let height = %d

    /// A country a line: its code, and its outline or the point where it lies.
    static let outlines = """
        %s
        """
}'''


def main(folder):
    countries = defaultdict(list)
    reader = shapefile.Reader(f"{folder}/naturalearth_lowres/naturalearth_lowres.shp")
    for entry in reader.shapeRecords():
        name, code = entry.record["name"], entry.record["iso_a3"]
        if name in ("Antarctica", "Fr. S. Antarctic Lands"):
            continue
        countries["XK" if name == "Kosovo" else CODES[code]] += list(rings_of(entry.shape))

    neighbours = defaultdict(set)
    for rings in countries.values():
        for ring in rings:
            for before, point, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1]):
                neighbours[point] |= {before, after}
    junctions = {point for point, others in neighbours.items() if len(others) > 2}

    dots = dict(PLACES)
    reader = shapefile.Reader(f"{folder}/naturalearth_cities/naturalearth_cities.shp")
    for entry in reader.shapeRecords():
        if entry.record[0] in SMALL:
            dots[SMALL[entry.record[0]]] = entry.shape.points[0]
    lines = []
    for code, rings in sorted(countries.items()):
        largest = max(rings, key=area)
        path = ""
        for ring in rings:
            if ring is not largest and area(ring) < SMALLEST:
                continue
            whole = []
            for arc in arcs(ring, junctions):
                backwards = arc[0] > arc[-1] or (arc[0] == arc[-1] and arc[1] > arc[-2])
                line = simplified(arc[::-1] if backwards else arc)
                whole += (line[::-1] if backwards else line)[:-1]
            path += drawn(whole)
        if path:
            lines.append(f"{code} {path}")
        else:
            x, y = (sum(axis) / len(largest) for axis in zip(*largest))
            lines.append(f"{code} {round(x)} {round(y)}")
    for code, point in sorted(dots.items()):
        if code not in countries:
            x, y = place(*point)
            lines.append(f"{code} {round(x)} {round(y)}")
    print(FRAME % (HEIGHT, "\n".join("\\\n        ".join(wrapped(line)) for line in lines).replace("\n", "\n        ")
                   .replace("\n                ", "\n        ")))


if __name__ == "__main__":
    main(sys.argv[1])
