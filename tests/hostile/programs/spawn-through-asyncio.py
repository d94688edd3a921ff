import asyncio
await asyncio.create_subprocess_exec('id')
