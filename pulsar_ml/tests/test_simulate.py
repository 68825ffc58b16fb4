"""The physics of the simulator, against the formulas that it quotes."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml.errors import BadInput
from pulsar_ml.simulate import simulate
from pulsar_ml.simulation import search
from pulsar_ml.simulation.observe import observe
from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import (
    Interference,
    Pulsar,
    harmonics,
    scattering_s,
    scintillation,
)

pytestmark = pytest.mark.slow

WIDE_OPEN = Receiver(n_bands=128, n_dead=0, n_channels=4096)
NARROW = Pulsar(
    period_s=0.5, dm=50, snr=500, peaks=((0.5, 0.03, 1.0),), spectral_index=0.0
)


def heights(source, receiver: Receiver, offsets: np.ndarray) -> np.ndarray:
    """Of the pulse at wrong DMs, without noise, over that at the right one."""
    rng = np.random.default_rng(0)
    signal = source.emission(receiver, 64, rng).mean(axis=0)
    signal /= np.abs(signal[:, :1])  # no scintillation: the formula has none
    n = signal.shape[-1]
    spread = receiver.smearing_s(offsets[:, None], receiver.band_mhz)[..., None]
    seen = signal * np.sinc(spread / source.period_s * np.arange(1, n + 1))
    early = search.late(-receiver.delays_s(offsets[:, None]) / source.period_s, n)
    profiles = search.folded((seen * early).sum(axis=1), 2 * n)
    tall = profiles.max(axis=1) - np.median(profiles, axis=1)
    return tall / tall[0]


def test_a_wrong_dm_costs_what_cordes_and_mclaughlin_have_computed():
    offsets = np.array([0.0, 2, 5, 10, 20, 40])
    width_ms = 0.03 * 500
    zeta = 6.91e-3 * offsets * 400 / (width_ms * 1.382**3)
    expected = [math.sqrt(math.pi) / 2 / z * math.erf(z) if z else 1.0 for z in zeta]
    assert heights(NARROW, WIDE_OPEN, offsets) == pytest.approx(expected, abs=0.05)
    assert expected[-1] < 0.4


def test_the_searched_curve_peaks_at_the_dm_and_falls_off_on_both_sides():
    seen = simulate("pulsar", seed=1, source=NARROW).seen
    dms = search.trial_dms()
    best = dms[seen.dm_curve.argmax()]
    assert best == pytest.approx(50, abs=3)
    around = [seen.dm_curve[np.abs(dms - dm).argmin()] for dm in (10, 30, 50, 70, 90)]
    assert np.argsort(around).tolist()[-1] == 2
    assert around[0] < around[1] < around[2] > around[3] > around[4]


def test_a_faster_pulsar_has_a_narrower_peak():
    def width(period_s: float) -> int:
        source = replace(NARROW, period_s=period_s)
        curve = simulate("pulsar", seed=1, source=source).seen.dm_curve
        return int((curve > curve.max() / 2).sum())

    assert width(0.01) < width(0.1) < width(1.0)


def test_pulse_width_is_that_at_half_maximum():
    for width in (0.02, 0.1, 0.4):
        pulse = search.folded(harmonics(((0.5, width, 1.0),), 512), 1024)
        pulse -= pulse.min()
        # A broad von Mises peak has a floor that is not zero.
        floor = math.exp(-2 * math.log(2) / (1 - math.cos(math.pi * width)))
        half = (0.5 - floor) / (1 - floor) * pulse.max()
        assert (pulse > half).mean() == pytest.approx(width, abs=0.004)
        assert pulse.argmax() == 512


def test_scattering_grows_with_the_power_of_minus_4_4_and_with_dm():
    low, high = scattering_s(100.0, np.array([700.0, 1400.0]))
    assert low / high == pytest.approx(2**4.4)
    # Bhat et al. 2004 at 1 GHz: log10(ms) = -6.46 + 0.154 * 2 + 1.07 * 4.
    assert scattering_s(100.0, np.array([1000.0]))[0] == pytest.approx(10**-4.872)
    assert scattering_s(500.0, np.array([1400.0]))[0] > 10 * high


def test_a_scattered_pulse_has_its_tail_behind_it():
    receiver = Receiver(centre_mhz=400, bandwidth_mhz=32)
    source = replace(NARROW, dm=250.0, period_s=2.0)
    rng = np.random.default_rng(0)
    pulse = search.folded(source.emission(receiver, 64, rng).sum(axis=(0, 1)), 128)
    pulse = np.roll(pulse, 64 - pulse.argmax()) - np.median(pulse)
    assert pulse[65:90].sum() > 1.5 * pulse[39:64].sum()


def test_smearing_in_a_channel_is_that_of_the_textbook():
    smeared = Receiver().smearing_s(100.0, 0.390625)
    top = Receiver().frequencies_mhz / 1e3
    np.testing.assert_allclose(smeared, 8.3e-6 * 100 * 0.390625 / top**3, rtol=2e-3)


def test_a_dispersed_pulsar_is_smeared_within_channels():
    coarse = Receiver(n_channels=32)
    source = replace(NARROW, dm=300.0, period_s=0.05)
    fine, blurred = (
        np.abs(source.emission(r, 64, np.random.default_rng(0)))[..., 9].mean()
        for r in (Receiver(), coarse)
    )
    assert blurred < fine / 2


def test_scintillation_is_exponential_where_a_sub_band_holds_less_than_a_scintle():
    rng = np.random.default_rng(0)
    gains = np.array([scintillation(5.0, 60.0, Receiver(), rng) for _ in range(60)])
    assert (gains >= 0).all()
    assert gains.mean() == pytest.approx(1, abs=0.1)
    assert gains.std() == pytest.approx(1, abs=0.15)
    far = scintillation(400.0, 60.0, Receiver(), rng)
    assert far.std() < 0.1


def test_scintles_last_as_long_as_they_should():
    rng = np.random.default_rng(1)

    def alike(scintle_s: float) -> float:
        gains = np.array(
            [scintillation(5.0, scintle_s, Receiver(), rng)[:, 0] for _ in range(200)]
        )
        return float(np.corrcoef(gains[:, 0], gains[:, 4])[0, 1])

    assert alike(1000.0) > 0.8
    assert alike(20.0) < 0.3


def test_an_orbit_bends_the_pulse_as_its_acceleration_says():
    orbit = (0.1 * 86_400, 0.06, 0.25)
    source = Pulsar(0.004, 5.0, 400, ((0.5, 0.1, 1.0),), orbit=orbit)
    receiver = Receiver()
    first = source.emission(receiver, 4, np.random.default_rng(0))[:, 0, 0]
    late = np.unwrap(-np.angle(first)) / (2 * np.pi)
    curvature = np.polyfit(receiver.times_s, late, 2)[0]
    # At superior conjunction: half the acceleration over c, in turns.
    acceleration = (2 * math.pi / orbit[0]) ** 2 * orbit[1]
    assert curvature == pytest.approx(-acceleration / 2 / 0.004, rel=0.03)


def test_the_signal_to_noise_ratio_is_the_one_asked_for():
    found = [
        simulate("pulsar", seed=seed, source=replace(NARROW, snr=snr)).seen.found.snr
        for snr in (20, 80)
        for seed in range(4)
    ]
    # A boxcar loses a few per cent to a filter of the pulse's own shape.
    assert np.mean(found[:4]) == pytest.approx(20, rel=0.15)
    assert np.mean(found[4:]) == pytest.approx(80, rel=0.15)


def test_noise_alone_gives_what_the_best_of_many_trials_gives():
    best = [simulate("noise", seed=seed).seen.found.snr for seed in range(6)]
    assert 3.5 < min(best) <= max(best) < 6.5


def test_broadband_interference_peaks_at_dm_zero():
    source = Interference(period_s=0.02, snr=60, peaks=((0.5, 0.1, 1.0),))
    seen = simulate("interference", seed=0, source=source).seen
    assert search.trial_dms()[seen.dm_curve.argmax()] < 3
    assert seen.dm_curve[-1] < seen.dm_curve.max() / 4


def test_narrowband_interference_hardly_knows_of_dm():
    source = Interference(period_s=0.5, snr=60, peaks=((0.5, 0.1, 1.0),), bands=(7,))
    seen = simulate("interference", seed=0, source=source).seen
    assert seen.dm_curve.min() > 0.8 * seen.dm_curve.max()
    strength = np.abs(seen.signal).sum(axis=(0, 2))
    assert np.flatnonzero(strength).tolist() == [7]


def test_interference_is_unsteady_in_time_and_a_pulsar_is_not():
    def spread(source) -> float:
        signal = observe(source, 0.5, Receiver(), np.random.default_rng(2)).signal
        strength = np.abs(signal[..., 0]).sum(axis=1)
        return float(strength.std() / strength.mean())

    ground = Interference(period_s=0.5, snr=60, peaks=NARROW.peaks)
    assert spread(ground) > 0.5 > 2 * spread(replace(NARROW, dm=200.0))


def test_a_period_too_short_for_the_receiver_is_refused():
    with pytest.raises(BadInput, match="fewer than 16 samples"):
        simulate("pulsar", seed=0, source=replace(NARROW, period_s=0.0005))


def test_sources_drawn_at_random_are_what_a_survey_meets():
    drawn = [simulate("pulsar", seed=seed).source for seed in range(60)]
    periods = np.array([source.period_s for source in drawn])
    assert ((periods >= 0.0014) & (periods < 10)).all()
    assert 0.05 < (periods < 0.03).mean() < 0.4
    assert all(source.orbit is None for source in drawn if source.period_s > 0.03)
    assert any(source.orbit for source in drawn)
    assert {type(simulate("interference", seed=s).source) for s in range(4)} == {
        Interference
    }
    narrow = [bool(simulate("interference", seed=s).source.bands) for s in range(30)]
    assert 5 < sum(narrow) < 25
