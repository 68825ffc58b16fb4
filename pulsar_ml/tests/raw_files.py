"""PHCX and PFD files written by hand, byte by byte as their formats have it."""

import gzip
import struct

import numpy as np

N_BINS, N_SUBBANDS, N_PARTS, N_DMS = 32, 8, 6, 5
FOLD_HZ, SAMPLE_S, SAMPLES, LOW_MHZ = 2.0, 1e-3, 10_000, 300.0


def _hex(values: np.ndarray) -> str:
    digits = values.astype(np.uint8).tobytes().hex().upper()
    return "\n".join(digits[at : at + 80] for at in range(0, len(digits), 80)) + "\t\t"


def _index(name: str, values: np.ndarray) -> str:
    listed = "\n".join(f"{value:.4f}" for value in values)
    return f"<{name} nVals='{len(values)}' format='6.4f'>\n{listed}\n</{name}>"


def _block(periods: np.ndarray, dms: np.ndarray, values: np.ndarray) -> str:
    return (
        f"<SnrBlock>{_index('PeriodIndex', periods)}{_index('DmIndex', dms)}"
        f"<DataBlock format='02X' min='1.0' max='9.5'>\n{_hex(values)}</DataBlock>"
        "</SnrBlock>"
    )


def _section(name: str, profiles: list[np.ndarray], block: str, width: float) -> str:
    n_bins = len(profiles[0])
    rows = np.arange(4 * n_bins).reshape(4, n_bins) % 256
    drawn = "".join(
        f"<SubBands nBins='{n_bins}' nSub='4' format='02X'>\n{_hex(rows)}</SubBands>"
        f"<Profile nBins='{n_bins}' format='02X'>\n{_hex(profile)}</Profile>"
        for profile in profiles
    )
    return (
        f"<Section name='{name}'><BestValues>"
        "<TopoPeriod units='seconds'>0.0725</TopoPeriod>"
        "<BaryPeriod units='seconds'>0.0726</BaryPeriod>"
        f"<Dm>61.5</Dm><Snr>9.5</Snr><Width>{width}</Width></BestValues>"
        f"<SubIntegrations nBins='{n_bins}' nSub='4' format='02X'>\n{_hex(rows)}"
        f"</SubIntegrations>{drawn}{block}</Section>"
    )


def phcx(kind: str = "thornton", *, compressed: bool = False) -> bytes:
    """A PHCX of the kind "thornton", "morello" or "ska"."""
    random = np.random.default_rng(1)
    profile = random.integers(0, 256, 32 if kind == "ska" else 64)
    dms, periods = np.linspace(50, 70, 6), np.linspace(-30, 30, 4)
    curve = _block(np.array([0.0725]), dms, random.integers(0, 256, 6))
    plane = _block(periods, dms, random.integers(0, 256, 24))
    if kind == "thornton":
        sections = _section("FFT", [profile[::-1]], curve, -1)
        sections += _section("FFT-pdmpd", [profile], plane, 0.04)
    elif kind == "morello":
        listed = " ".join(["6.5"] * 3), " ".join(["40", "50", "60"])
        sections = _section("PDMP", [profile], plane, 0.04) + (
            "<Section name='FFT'><BestValues><Dm>61</Dm></BestValues><DmCurve>"
            f"<DmValues>{listed[1]}</DmValues><SnrValues>{listed[0]}</SnrValues>"
            "</DmCurve></Section>"
        )
    else:
        sections = _section("FFT", [profile[::-1], profile], plane, 0.04)
    text = (
        "<?xml version='1.0'?>\n<phcf><head><SourceID>G1</SourceID>"
        "<Telescope>Parkes</Telescope><Coordinate><RA units='degrees'>251.5</RA>"
        "<Dec units='degrees'>-33.25</Dec><Epoch>J2000</Epoch></Coordinate>"
        "<CentreFreq>1382.0</CentreFreq><BandWidth>-400.0</BandWidth>"
        "<MjdStart>54788.25</MjdStart><ObservationLength>560.0</ObservationLength>"
        f"</head>{sections}</phcf>"
    )
    return gzip.compress(text.encode(), mtime=0) if compressed else text.encode()


def _text(order: str, text: str) -> bytes:
    return struct.pack(f"{order}i", len(text)) + text.encode()


def pfd(
    order: str = "<",
    *,
    place: bytes = b"17:48:04.8480\0xx-24:46:46.2000\0\0",
    dms: int = N_DMS,
    subbands: int = N_SUBBANDS,
    constant: bool = False,
) -> bytes:
    """A PFD of a pulse at DM 20 and 0.5 s, in the given byte order."""
    random = np.random.default_rng(2)
    size = (N_PARTS, subbands, N_BINS)
    profiles = np.full(size, 100.0) if constant else random.normal(100, 1, size)
    frequencies = LOW_MHZ + 2 * np.arange(1, subbands + 1) - 1
    delays = 4149.3776 * 20 * (1 / frequencies**2 - 1 / frequencies[-1] ** 2)
    for band, late in enumerate(np.floor(delays * FOLD_HZ * N_BINS + 0.5).astype(int)):
        profiles[:, band, [7 + late, 8 + late]] += 0 if constant else 5
    stats = np.zeros((N_PARTS, subbands, 7))
    stats[..., 0], stats[..., 5], stats[..., 6] = SAMPLES, 1.0, np.nan
    counts = (dms, 3, 3, subbands, N_PARTS, N_BINS, 2 * subbands, 1, 2, 1, 1, 1)
    numbers = (SAMPLE_S, 0.0, 1.0, 55000.5, 0.0, 1e-5, LOW_MHZ, 1.0, 20.0)
    period = 1 / FOLD_HZ
    spins = [(0.0, period, 1e-12, 0.0), (0.0,) * 4, (0.0, FOLD_HZ, 0.0, 0.0)]
    axes = (
        np.linspace(10, 30, dms),
        np.linspace(0.999, 1.001, 3) * period,
        np.linspace(-1, 1, 3) * 1e-9,
    )
    return b"".join(
        [
            struct.pack(f"{order}12i", *counts),
            *(_text(order, t) for t in ("x.fil", "Cand_1", "GBT", "x.ps/CPS")),
            place,
            struct.pack(f"{order}9d", *numbers),
            *(struct.pack(f"{order}f4x3d", *spin) for spin in spins),
            struct.pack(f"{order}7d", *[0.0] * 7),
            *(np.asarray(a, f"{order}f8").tobytes() for a in (*axes, profiles, stats)),
        ]
    )


def bestprof(candidate: str = "Cand_1", bins: int = N_BINS) -> bytes:
    """The text that stands beside `pfd`."""
    rows = "".join(f"{place:4d}  100.5\n" for place in range(bins))
    return (
        "# Input file       =  x.fil\n"
        f"# Candidate        =  {candidate}\n"
        "# Reduced chi-sqr  =  2.500\n"
        "# Prob(Noise)      <  1.79e-18   (~8.7 sigma)\n"
        f"######################################################\n{rows}"
    ).encode()
