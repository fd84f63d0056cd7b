# One build for the platform and the simulator: `--target hydroalert` or `--target device-sim`.
FROM python:3.12-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /source

# What changes rarely comes first: the locked packages are a layer of their own. Nothing is installed whose hash is
# not in requirements/, the build tools included.
COPY requirements/ requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv pip install --system --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/hydroalert \
    && uv pip sync --python /opt/hydroalert/bin/python --require-hashes requirements/runtime.txt

COPY pyproject.toml README.md ./
COPY hydroalert/ hydroalert/
COPY firmware-protocol/python/ firmware-protocol/python/
COPY device-sim/ device-sim/
RUN uv build --wheel --no-build-isolation --out-dir wheels . \
    && uv build --wheel --no-build-isolation --out-dir wheels firmware-protocol/python \
    && uv build --wheel --no-build-isolation --out-dir wheels device-sim \
    && uv pip install --python /opt/hydroalert/bin/python --no-deps --no-index wheels/*.whl


FROM python:3.12-slim-bookworm AS runtime
ENV PATH=/opt/hydroalert/bin:$PATH PYTHONUNBUFFERED=1 HYDROALERT_DATA_DIR=/var/lib/hydroalert
# A new named volume takes the owner of the directory that it covers. 1883 is the user of the broker's image.
RUN useradd --uid 10001 --create-home --home-dir /var/lib/hydroalert hydroalert \
    && install --directory --owner=1883 --group=1883 --mode=700 /mosquitto/data /mosquitto/certificates \
    && install --directory --owner=10001 --group=10001 --mode=700 /demo
COPY --from=build /opt/hydroalert /opt/hydroalert
COPY broker/ /opt/hydroalert/broker/
WORKDIR /var/lib/hydroalert
USER 10001


FROM runtime AS device-sim
ENTRYPOINT ["device-sim"]
CMD ["--help"]


FROM runtime AS hydroalert
ENTRYPOINT ["hydroalert"]
CMD ["--help"]
