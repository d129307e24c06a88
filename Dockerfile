# What runs learners' Python in their browsers, and what joins rooms; checked against known SHA-512s below.
FROM node:22-slim AS assets
WORKDIR /pack
RUN npm pack pyodide@0.29.5 livekit-client@2.23.0 --ignore-scripts

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 TUTOR_DATA_DIR=/data
RUN useradd --create-home --uid 1000 tutor && install --directory --owner=tutor --mode=700 /data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY app.py .
COPY tutor tutor
COPY courses courses
# As nobody may write here later, every start would compile it anew.
RUN python -m compileall -q app.py tutor

USER tutor
RUN --mount=type=bind,from=assets,source=/pack,target=/pack \
    python -c "from pathlib import Path; from tutor.adapters.assets import livekit_client, pyodide_package, unpack; \
    unpack(next(Path('/pack').glob('pyodide-*.tgz')), Path('/data/pyodide'), pyodide_package()); \
    unpack(next(Path('/pack').glob('livekit-client-*.tgz')), Path('/data/livekit'), livekit_client())"

VOLUME /data
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"TUTOR_PORT\", 7860)}/healthz', timeout=4)"]
CMD ["python", "app.py"]
